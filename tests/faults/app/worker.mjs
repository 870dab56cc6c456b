import { play } from "./play.mjs";

export default {
  async fetch(request, env) {
    return Response.json(await play(env));
  },
};

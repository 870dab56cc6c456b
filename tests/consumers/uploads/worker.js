import { ExtractaClient } from "extracta-wasm";
import { run } from "./run.js";

export default {
  async fetch(_request, env) {
    return new Response(await run(ExtractaClient, env.EXTRACTA_URL, env.EXTRACTA_API_KEY));
  },
};

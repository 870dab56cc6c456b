// A Worker that asks once. The bundler puts the contender's module behind the name.
import * as contender from "contender";
import { askOnce } from "../nowhere.mjs";

export default {
  async fetch(request, { CONTENDER }) {
    if (CONTENDER) await askOnce(CONTENDER, contender);
    return new Response("asked");
  },
};

// A Worker that asks many times while it answers one request: its own clock stands still meanwhile, the asker's goes on.
import { ExtractaClient } from "extracta-wasm";
import { askers } from "../askers.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { replyOf } from "../replies.mjs";

const sizes = new Map();

/** Our lanes look at that clock: it goes on with each of these. */
const PAUSE_MS = 3;

export default {
  async fetch(request) {
    const asked = new URL(request.url).searchParams;
    const [files, turns, calls] = ["files", "turns", "calls"].map((name) => Number(asked.get(name)));
    if (!sizes.has(files)) sizes.set(files, askers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }));
    // Without a name, a request that does nothing but pause: what the others take beyond that are their calls.
    const ask = sizes.get(files)[asked.get("name")];
    for (let turn = 0; turn < turns; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      for (let call = 0; ask && call < calls; call += 1) await ask(call);
    }
    return new Response("asked");
  },
};

// A Worker that asks many times while it answers one request: its own clock stands still meanwhile, the asker's goes on.
import { ExtractaClient } from "extracta-wasm";
import { askers } from "../askers.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { replyOf } from "../replies.mjs";

const sizes = new Map();

export default {
  async fetch(request) {
    const asked = new URL(request.url).searchParams;
    const [files, calls] = ["files", "calls"].map((name) => Number(asked.get(name)));
    if (!sizes.has(files)) sizes.set(files, askers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }));
    // Without a name, a request that asks nobody: what the others take beyond that are their calls.
    const ask = sizes.get(files)[asked.get("name")];
    for (let call = 0; ask && call < calls; call += 1) await ask();
    return new Response("asked");
  },
};

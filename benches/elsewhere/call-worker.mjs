// A Worker that asks many times while it answers one request: its own clock stands still meanwhile, the caller's goes on.
import { ExtractaClient } from "extracta-wasm";
import { callers } from "../callers.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { replyOf } from "../replies.mjs";

const sizes = new Map();

export default {
  async fetch(request) {
    const requested = new URL(request.url).searchParams;
    const [files, calls] = ["files", "calls"].map((name) => Number(requested.get(name)));
    if (!sizes.has(files)) sizes.set(files, callers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }));
    // Without a name, a request that asks nobody: what the others take beyond that are their calls.
    const ask = sizes.get(files)[requested.get("name")];
    for (let call = 0; ask && call < calls; call += 1) await ask();
    return new Response("asked");
  },
};

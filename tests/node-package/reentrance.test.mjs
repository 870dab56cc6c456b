// A function of the caller's may use the client that calls it, in any way: nothing of the client's is then half done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, extraction, finished, NOWHERE } from "./standin.mjs";
import { assertNextClientWorks } from "./survival.mjs";

/** An object whose members are read through getters that `use` the client first. */
function using(use, value) {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, { get: (target, name) => (use(), using(use, target[name])) });
}

/** Options by what it is of the caller's that uses the client. */
const CALLERS = {
  fetch: (use) => ({ fetch: answering((ids) => (use(), finished(ids))) }),
  "the response": (use) => ({ fetch: async (_url, { body }) => using(use, { status: 200, json: async () => finished(JSON.parse(body)) }) }),
  "the reply": (use) => ({ fetch: async (_url, { body }) => ({ status: 200, json: async () => using(use, finished(JSON.parse(body))) }) }),
  onEvent: (use) => ({ onEvent: use }),
  token: (use) => ({ token: () => (use(), "fresh") }),
  sharePacing: (use) => ({ sharePacing: { reserve: () => (use(), 0), hold: use } }),
  onProgress: (use) => ({ call: { onProgress: use } }),
  "the options": (use) => ({ call: using(use, {}) }),
  "the signal": (use) => ({ call: { signal: using(use, { aborted: false, addEventListener: use, removeEventListener: use }) } }),
};

/** What a caller may do meanwhile. */
const USES = {
  "asks for more": (client) => client.pollUntilDone(extraction("more")).catch(() => {}),
  "goes on with a poll": (client, watch, snapshot) => client.resume(snapshot).result.catch(() => {}),
  "looks at everything": (client, watch) => [client.lanes(), watch?.snapshot()],
  "nudges its watch": (_client, watch) => watch?.nudge(),
  "cancels its watch": (_client, watch) => watch?.cancel(),
  "closes its client": (client) => client.close(),
};

for (const [who, options] of Object.entries(CALLERS)) {
  for (const [what, act] of Object.entries(USES)) {
    test(`${who} ${what}`, async () => {
      const base = { baseUrl: NOWHERE, minIntervalMs: 0, fetch: answering((ids) => finished(ids)) };
      const kept = new ExtractaClient({ ...base, fetch: answering((ids) => ({ ...ids, status: "waiting" })) }).watch(extraction("kept"));
      const snapshot = kept.snapshot();
      kept.cancel();
      await assert.rejects(kept.result);

      let [used, watch, client] = [0];
      const use = () => {
        used += 1;
        // More that use it would use it again.
        if (client && used <= 40) act(client, watch, snapshot);
        return 0;
      };
      const { call, ...more } = options(use);
      client = new ExtractaClient({ ...base, ...more });
      watch = client.watch(extraction("b"), call);
      const end = await watch.result.then(
        ({ done }) => (done ? "done" : "not done"),
        (error) => (isExtractaError(error) ? error.code : error.name),
      );
      const ends = { "cancels its watch": ["AbortError", "done"], "closes its client": ["CLOSED", "done"] };
      assert.ok((ends[what] ?? ["done"]).includes(end), `it ended with ${end}`);
      assert.ok(used > 0, "it was never called");
      await assertNextClientWorks();
    });
  }
}

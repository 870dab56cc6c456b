// What well-known polling clients were seen to get wrong, as far as it concerns the shell (the core's part: simulation/tests).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { inspect } from "node:util";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, extraction, finished, NOWHERE, oneTurn, rejection } from "./standin.mjs";

const waiting = (ids) => ({ ...ids, status: "waiting", files: [] });

test("E3: a transport error is no state of the batch, and the next poll asks anew", async () => {
  let broken = true;
  const fetch = async (url, init) => {
    if (broken) throw new TypeError("fetch failed");
    return Response.json(finished(JSON.parse(init.body)));
  };
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch });
  assert.ok(isExtractaError(await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 0 })), "NETWORK"));
  broken = false;
  assert.equal((await client.pollUntilDone(extraction("b"))).done, true);
});

test("E4: a poll aborted by one signal can be begun again with another", async () => {
  let requested = 0;
  const fetch = answering((ids) => (++requested < 3 ? waiting(ids) : finished(ids)));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch });
  const first = new AbortController();
  const reason = new Error("not now");
  assert.equal(await rejection(client.pollUntilDone(extraction("b"), { signal: first.signal, onProgress: () => first.abort(reason) })), reason);
  assert.equal((await client.pollUntilDone(extraction("b"), { signal: new AbortController().signal })).done, true);
});

test("E5: after an abort no request follows, and no timer keeps the process", async () => {
  const program = `
    import { ExtractaClient } from "extracta-wasm";
    let asked = 0;
    const fetch = async () => (asked++, Response.json({ status: "waiting" }));
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", fetch });
    const signal = AbortSignal.timeout(1_000);
    await client.pollUntilDone({ extractionId: "e", batchId: "b" }, { signal, intervalMs: 3_600_000 }).catch(() => {});
    process.on("exit", () => console.log(asked));`;
  // Would the timer of an hour be left, this would not end.
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    timeout: 60_000,
  });
  assert.equal(stdout.trim(), "1");
});

test("E6: an abort during a wait of an hour settles within one turn", async () => {
  const controller = new AbortController();
  const client = new ExtractaClient({ baseUrl: NOWHERE, fetch: answering(waiting) });
  let reported;
  const progress = new Promise((resolve) => (reported = resolve));
  const poll = client.pollUntilDone(extraction("b"), { signal: controller.signal, intervalMs: 3_600_000, onProgress: reported });
  await progress;
  await oneTurn();
  let settled = false;
  const end = rejection(poll).then(() => (settled = true));
  controller.abort();
  await oneTurn();
  assert.ok(settled);
  await end;
});

test("E7: an error leads to no request, no header and no token, however it is looked at", async () => {
  const token = "token-canary-e7";
  const fetch = async (url, init) => {
    throw Object.assign(new TypeError(`failed with ${init.headers.authorization}`), { request: new Request(url, init) });
  };
  const client = new ExtractaClient({ baseUrl: NOWHERE, token, minIntervalMs: 0, fetch });
  const error = await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 1 }));
  const seen = new Set();
  const walk = (value) => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    assert.ok(!(value instanceof Request) && !(value instanceof Headers));
    for (const key of Reflect.ownKeys(value)) walk(value[key]);
  };
  walk(error);
  const looks = [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: 9, showHidden: true }), String(error.cause.cause)];
  for (const look of looks) assert.ok(!look.includes(token), look);
});

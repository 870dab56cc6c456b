// Clients, watches, runs of many polls and webhook receivers in the stores of frameworks, behind proxies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ExtractaClient } from "extracta-wasm";
import { originPacing } from "extracta-wasm/origin";
import { WebhookReceiver } from "extracta-wasm/webhooks";
import { runNode } from "./child.mjs";
import * as stores from "./reactive.mjs";
import { answering, classification, extraction, fast, finished, newToken, NOWHERE, rejection } from "./standin.mjs";
import { delivery, file, SECRET } from "./webhook-sender.mjs";

const waiting = (ids) => ({ ...ids, status: "waiting", files: [] });

for (const [store, stored] of Object.entries(stores)) {
  test(`a client in a store does all that it does (${store})`, async () => {
    const client = stored(new ExtractaClient(fast()));
    assert.ok(client instanceof ExtractaClient);
    assert.equal((await client.pollUntilDone(extraction("waits-1"))).done, true);
    assert.equal((await client.getBatchResults(extraction("done"))).done, true);
    assert.equal((await client.getClassificationResults(classification("done"))).done, true);
    const watch = client.watch(extraction("done"));
    const snapshot = watch.snapshot();
    assert.equal((await watch.result).done, true);
    assert.equal((await client.resume(snapshot).result).done, true);
    for await (const { results } of client.pollMany([extraction("done")])) assert.equal(results.done, true);
    assert.equal(client.lanes().length, 2);
    const pending = rejection(client.pollUntilDone(extraction("forever")));
    client.close();
    assert.equal((await pending).code, "CLOSED");
    client[Symbol.dispose]();
  });

  test(`so does a watch, and a run of many polls (${store})`, async () => {
    const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 20, fetch: answering((ids) => (ids.batchId === "slow" ? waiting(ids) : finished(ids))) });
    const watch = stored(client.watch(extraction("quick")));
    const attempts = [];
    for await (const { attempt } of watch) attempts.push(attempt);
    assert.deepEqual(attempts, [0, 1]);
    assert.equal(watch.progress.attempt, 1);
    assert.equal((await watch.result).done, true);
    const slow = stored(client.watch(extraction("slow"), { intervalMs: 60_000 }));
    slow.nudge();
    assert.match(slow.snapshot(), /"slow"/);
    slow.cancel();
    assert.equal((await rejection(slow.result)).name, "AbortError");

    const many = stored(client.pollMany([extraction("quick"), extraction("slow")]));
    for await (const { job } of many) {
      assert.equal(job.batchId, "quick");
      assert.equal(many.snapshots().length, 1);
      break;
    }
    assert.deepEqual(many.snapshots(), []);
  });

  test(`so does a webhook receiver (${store})`, async () => {
    const hooks = stored(new WebhookReceiver({ secret: SECRET }));
    const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch: answering((ids) => (reported ? finished(ids) : waiting(ids))) });
    let reported = false;
    const batch = { extractionId: "e", batchId: "b" };
    const { result } = hooks.follow(stored(client.watch(batch, { intervalMs: 60_000 })), batch);
    await sleep(20);
    const sent = delivery([file("f", batch)]);
    reported = true;
    const [first, second] = await Promise.all([1, 2].map(() => hooks.handle(sent)));
    assert.deepEqual([first.status, second.status], [200, 200]);
    assert.deepEqual([await first.json(), await second.json()].map(({ duplicate }) => duplicate).sort(), [false, true]);
    assert.equal((await hooks.receive(sent)).duplicate, true);
    assert.equal((await result).done, true);
  });

  test(`what is handed over may come from a store (${store})`, async () => {
    const { baseUrl, token, minIntervalMs } = fast();
    const settings = stored({ client: { baseUrl, token, minIntervalMs, sharePacing: originPacing() }, batch: extraction("waits-1"), options: { timeoutMs: 60_000 } });
    const client = new ExtractaClient(settings.client);
    assert.equal((await client.pollUntilDone(settings.batch, settings.options)).done, true);
    for await (const { results } of client.pollMany(stored([extraction("done")]))) assert.equal(results.done, true);
  });
}

test("a copy of a watch is good for as long as it lives, wherever its original has gone", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    import { valtio } from "./reactive.mjs";
    const fetch = async () => Response.json({ status: "waiting" });
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", minIntervalMs: 5, fetch });
    const copies = Array.from({ length: 50 }, (_, n) => valtio(client.watch({ extractionId: "e", batchId: "b" + n })));
    for (let round = 0; round < 20; round++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const ids = copies.map((copy) => JSON.parse(copy.snapshot()).batchId);
    copies.forEach((copy) => copy.cancel());
    const ends = await Promise.all(copies.map((copy) => copy.result.catch(({ name }) => name)));
    console.log(ids.every((id, n) => id === "b" + n), new Set(ends).size, ends[0]);
  `, { flags: ["--expose-gc"] });
  assert.deepEqual([code, stdout], [0, "true 1 AbortError"], stderr);
});

// Many polls over an outage of the server: none is lost, none hurries, and when it is over none asks more than it has to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { Relay } from "./relay.mjs";
import { extraction, failNext, fast, FAST_FLOOR_MS, finished, gapsOf, newToken, NOWHERE, requestsOf } from "./standin.mjs";

const BATCHES = 50;
/** So many good answers are seen before the outage. */
const BEFORE = 10;
/** So many requests fail: fewer than would use up a batch's retries. */
const LOST = 70;

/** Polls all batches at once; each needs one good answer, and all share a lane. */
function pollAll(options) {
  const client = new ExtractaClient(options);
  return Array.from({ length: BATCHES }, (_, index) => client.pollUntilDone(extraction(`files-${index + 1}`), { timeoutMs: Infinity }));
}

async function assertAllDone(polls) {
  const files = (await Promise.all(polls)).map((results) => results.done && results.files.length);
  assert.deepEqual(files, Array.from({ length: BATCHES }, (_, index) => index + 1));
}

async function assertNoBurst(options) {
  const { smallestGapMs, violations } = (await gapsOf(options))["/getBatchResults"];
  assert.deepEqual([violations, smallestGapMs >= 50], [0, true], `the smallest gap was ${smallestGapMs} ms`);
}

test("50 batches over an outage that answers 503", async () => {
  const options = fast();
  let answers = 0;
  const onEvent = ({ type }) => {
    if (type === "response" && ++answers === BEFORE) void failNext(LOST, options);
  };
  await assertAllDone(pollAll({ ...options, onEvent }));
  const statuses = (await requestsOf(options)).map(({ httpStatus }) => httpStatus);
  assert.equal(statuses.filter((status) => status === 503).length, LOST);
  assert.equal(statuses.length, LOST + BATCHES, "no batch was polled more often than needed");
  const back = statuses.lastIndexOf(503) + 1;
  assert.ok(statuses.slice(back).every((status) => status === 200));
  await assertNoBurst(options);
});

test("50 batches over an outage that refuses connections", async () => {
  const direct = fast();
  const relay = new Relay(direct.baseUrl);
  await relay.listen();
  const startedAt = [];
  let [answers, lost, seenBefore, doneBefore, done] = [0, 0, undefined, undefined, 0];
  const onEvent = async ({ type }) => {
    if (type === "request") startedAt.push(performance.now());
    if (type === "response" && ++answers === BEFORE) await relay.refuse();
    if (type === "retry" && ++lost === LOST) {
      seenBefore = (await requestsOf(direct)).length;
      doneBefore = done;
      await relay.listen();
    }
  };
  const polls = pollAll({ ...direct, baseUrl: `${relay.address}/api/v1`, onEvent });
  for (const poll of polls) poll.then(() => (done += 1));
  await assertAllDone(polls);
  const seen = await requestsOf(direct);
  assert.ok(lost >= LOST);
  assert.ok(doneBefore <= BEFORE);
  assert.equal(seen.length - seenBefore, BATCHES - doneBefore, "once it was over, each batch was polled once");
  assert.ok(seen.every(({ httpStatus }) => httpStatus === 200));
  const gaps = startedAt.slice(1).map((at, index) => at - startedAt[index]);
  assert.ok(Math.min(...gaps) >= FAST_FLOOR_MS, `two requests began ${Math.min(...gaps)} ms apart`);
  await assertNoBurst(direct);
  await relay.refuse();
});

test("a maintenance page after two other failures is survived as it is alone", async () => {
  const answers = [
    () => Response.json({}, { status: 503 }),
    () => Response.json({}, { status: 503 }),
    () => new Response("<p>We will be back soon."),
    () => Response.json(finished({})),
  ];
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch: async () => answers.shift()() });
  assert.equal((await client.pollUntilDone(extraction("b"), { intervalMs: 1 })).done, true);
});

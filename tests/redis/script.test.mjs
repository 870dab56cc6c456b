// The script's decisions, at moments of the test's choice, beside those of the rules that tabs and isolates go by.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hold, reserve } from "../../pkg/npm/src/origin/reservation.js";
import { SCRIPT } from "../../pkg/npm/src/redis/script.js";
import { below, oneOf, seeded } from "../node-package/seeded.mjs";
import { startRedis } from "./server.mjs";

const START_MS = 1_700_000_000_000;
const LASTS_MS = 30_000;
const DAY_MS = 86_400_000;
const GAP_MS = 2_000;

const TIMELESS = SCRIPT.replace("redis.call('TIME')", "{ KEYS[2] / 1000, 0 }");
assert.notEqual(TIMELESS, SCRIPT);

/** The script on a server, asked at moments that the test says. */
async function scripted(t) {
  const redis = await startRedis(t);
  const client = await redis.client(t);
  const at = (key, member, ms, now, ...margin) =>
    client.eval(TIMELESS, { keys: [key, String(now)], arguments: [member, ms, LASTS_MS, DAY_MS, ...margin].map(String) });
  return { at, client };
}

test("it decides as tabs and isolates do, whoever comes, is late, goes or holds the lane", async (t) => {
  const { at } = await scripted(t);
  for (let seed = 0; seed < 150; seed++) {
    const random = seeded(seed);
    const key = `lane ${seed}`;
    const members = ["a", "b", "c", "d", "e"].slice(0, 1 + below(5, random));
    let now = START_MS + below(1_000, random);
    // Both know the lane, which is closed for a gap.
    await at(key, "", GAP_MS - 1, now, 0);
    let record = hold(undefined, { closedForMs: GAP_MS }, now);
    for (let step = 0; step < 60; step++) {
      now += oneOf([0, 1, 7, 150, 499, 500, 501, 2_000, 2_001, below(3_000, random), below(9_000, random)], random);
      const clockGoesBack = random() < 0.03;
      if (clockGoesBack) now -= below(60_000, random);
      const longestMs = LASTS_MS + GAP_MS;
      if (random() < 0.3) {
        const [member, ms, marginMs] = [oneOf(members, random), oneOf([1, 300, GAP_MS, LASTS_MS], random), oneOf([0, 0, 500, 1_500], random)];
        await at(key, member, ms, now, marginMs);
        record = hold(record, { member, closedForMs: ms + 1, marginMs }, now, LASTS_MS + ms);
        continue;
      }
      const member = oneOf(members, random);
      const answer = reserve(record, { member, gapMs: GAP_MS }, now, longestMs);
      const granted = answer.waitMs === 0;
      // The script closes the lane from the end of the millisecond in which it decides.
      record = granted ? hold(answer.record, { member: "", closedForMs: GAP_MS + 1 }, now) : answer.record;
      assert.equal(await at(key, member, GAP_MS, now), answer.waitMs, `seed ${seed}, step ${step}`);
    }
  }
});

test("a lane of which nothing is known is closed for a gap", async (t) => {
  const { at } = await scripted(t);
  assert.equal(await at("new", "a", GAP_MS, START_MS), GAP_MS);
  assert.equal(await at("new", "a", GAP_MS, START_MS + GAP_MS - 1), 1);
  assert.equal(await at("new", "a", GAP_MS, START_MS + GAP_MS), 0);
});

test("whatever is in its key, the lane is closed for no longer than a request and a gap, and heals", async (t) => {
  const { at, client } = await scripted(t);
  const garbage = ["", "text", "null", "7", "[]", "{}", "[[[", '{"at":1}', '{"closed":"soon","at":1}', `{"at":${START_MS},"closed":1e300,"waiting":7}`,
    `{"at":${START_MS},"closed":${START_MS},"waiting":[null,7,["m"],["m",null],["m",1e300],[7,${START_MS}],{"a":1},["z",${START_MS + 9e9}]]}`,
    `{"at":1e300,"closed":1e300,"waiting":[]}`, `{"at":-1e300,"closed":-1e300,"waiting":{"x":["m",1]}}`];
  const writes = [...garbage.map((text) => () => client.set("key", text)), () => client.rPush("key", "element"), () => client.hSet("key", "at", "1")];
  for (const [index, write] of writes.entries()) {
    await client.del("key");
    await write();
    let now = START_MS;
    let waitMs = await at("key", "a", GAP_MS, now);
    assert.ok(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= LASTS_MS + GAP_MS, `${index}: ${waitMs} ms`);
    for (let granted = Number(waitMs === 0), requested = 0; granted < 5; requested++) {
      assert.ok(requested < 12, `${index}: the lane does not heal`);
      now += waitMs;
      waitMs = await at("key", "a", GAP_MS, now);
      assert.ok(waitMs <= 2 * GAP_MS, `${index}: ${waitMs} ms`);
      granted += Number(waitMs === 0);
    }
  }
});

test("a key lives for a day after the lane has opened", async (t) => {
  const { at, client } = await scripted(t);
  await at("key", "a", GAP_MS, START_MS);
  const leftMs = await client.pTTL("key");
  assert.ok(leftMs > DAY_MS && leftMs <= DAY_MS + GAP_MS, `${leftMs} ms`);
  assert.deepEqual(await client.keys("*"), ["key"]);
});

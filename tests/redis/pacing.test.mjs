// The object that a client takes as `sharePacing`, over each kind of Redis client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { redisPacing } from "../../pkg/npm/src/redis/index.js";
import { CLIENTS } from "./app/connect.mjs";
import { later, startRedis } from "./server.mjs";

const GAP_MS = 200;
const lane = "getBatchResults 3f";
const asking = (member, gapMs = GAP_MS) => ({ lane, member, gapMs });

/** Asks again after each wait until the slot is granted. */
async function slot(pacing, member, gapMs) {
  for (;;) {
    const waitMs = await pacing.reserve(asking(member, gapMs));
    if (waitMs === 0) return;
    await later(waitMs);
  }
}

for (const kind of Object.keys(CLIENTS)) {
  test(`${kind}: one lane for two clients, in the order in which they came, held for as long as anyone says`, async (t) => {
    const redis = await startRedis(t);
    const [one, other] = [redisPacing(await redis.client(t, kind)), redisPacing(await redis.client(t, kind))];
    // Long beside anything that this machine may do in between.
    const gapMs = 100_000;
    await one.hold({ lane, member: "one", closedForMs: GAP_MS });
    await slot(one, "one", gapMs);
    const waits = [await one.reserve(asking("one", gapMs)), await other.reserve(asking("other", gapMs)), await one.reserve(asking("one", gapMs))];
    assert.ok(waits[0] > 0 && waits[2] <= waits[0] && waits[0] <= gapMs + 1, `${waits} ms`);
    assert.ok(waits[1] > gapMs && waits[1] <= 1.25 * gapMs + 1, `${waits} ms`);
    assert.equal(await other.reserve({ ...asking("other"), lane: "another" }), GAP_MS, "another lane is another's");
    await other.hold({ lane: "another", member: "other", closedForMs: 20_000 });
    const waitMs = await one.reserve({ ...asking("one"), lane: "another" });
    assert.ok(waitMs > GAP_MS && waitMs <= 20_001 + GAP_MS, `${waitMs} ms`);
  });
}

test("redis and ioredis meet on one lane; a prefix separates lanes", async (t) => {
  const redis = await startRedis(t);
  const [client, other] = [await redis.client(t, "redis"), await redis.client(t, "ioredis")];
  await redisPacing(client).reserve(asking("one"));
  const waitMs = await redisPacing(other).reserve(asking("other", 100_000));
  assert.ok(waitMs > GAP_MS, `behind the other: ${waitMs} ms`);
  await redisPacing(other, { prefix: "mine:" }).reserve(asking("other"));
  assert.deepEqual((await client.keys("*")).toSorted(), [`extracta-wasm:${lane}`, `mine:${lane}`]);
});

test("each make of client gets the script in its own way", async (t) => {
  const redis = await startRedis(t);
  const client = await redis.client(t);
  const makes = {
    "eval(script, keys, arguments), as Deno's and Upstash's": { eval: (script, keys, args) => client.eval(script, { keys, arguments: args }) },
    "send(command, arguments), as Bun's": { send: (command, args) => client.sendCommand([command, ...args]) },
  };
  for (const [make, made] of Object.entries(makes)) {
    const waitMs = await redisPacing(made, { prefix: make }).reserve(asking("a"));
    assert.equal(waitMs, GAP_MS, make);
  }
});

test("what is no client, or no prefix, is refused at once", () => {
  for (const nonsense of [undefined, null, {}, "redis://", { eval: "eval" }]) {
    assert.throws(() => redisPacing(nonsense), { name: "TypeError", message: /^redisPacing takes a Redis client: / });
  }
  assert.throws(() => redisPacing({ eval() {} }, { prefix: 7 }), { name: "TypeError", message: "prefix must be a string." });
});

test("a server that has restarted closes its lanes for a gap, whatever it remembers", async (t) => {
  const redis = await startRedis(t, { save: "1 1" });
  const client = await redis.client(t, "ioredis");
  const pacing = redisPacing(client);
  await slot(pacing, "a");
  await client.save();
  const known = await client.get(`extracta-wasm:${lane}`);
  await later(2 * GAP_MS);
  await redis.kill();
  await redis.start();
  assert.equal(await client.get(`extracta-wasm:${lane}`), known, "it remembers a moment that is long past");
  assert.equal(await pacing.reserve(asking("b")), GAP_MS);
  await slot(pacing, "b");
});

test("where INFO is not permitted, a record counts as it stands", async (t) => {
  const redis = await startRedis(t);
  const admin = await redis.client(t, "ioredis");
  await admin.call("ACL", "SETUSER", "default", "-info");
  const pacing = redisPacing(await redis.client(t));
  assert.equal(await pacing.reserve(asking("a")), GAP_MS);
  await slot(pacing, "a");
});

test("a pause longer than a request lasts is renewed for as long as it lasts", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const requested = [];
  const pacing = redisPacing({ eval: async (_, __, args) => (requested.push(args.slice(0, 2)), 0) });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const pass = async (ms) => {
    now += ms;
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  await pacing.hold({ lane, member: "a", closedForMs: 70_000 });
  await pacing.hold({ lane, member: "a", closedForMs: 40_000 });
  for (let n = 0; n < 8; n++) await pass(15_000);
  assert.deepEqual(requested, [["", "30000"], ["", "30000"], ["", "30000"], ["", "25000"], ["", "10000"]]);
});

test("what the server answers with an error is the caller's to see, and a lane is not closed by it", async (t) => {
  const redis = await startRedis(t);
  const client = await redis.client(t, "ioredis");
  const pacing = redisPacing(client);
  await slot(pacing, "a");
  await client.config("SET", "maxmemory", "1");
  await assert.rejects(pacing.reserve(asking("a")), /OOM/);
  await client.config("SET", "maxmemory", "0");
  await slot(pacing, "a");
});

test("a server that stands still grants nothing twice, and goes on", async (t) => {
  const redis = await startRedis(t);
  const [one, other] = [redisPacing(await redis.client(t)), redisPacing(await redis.client(t, "ioredis"))];
  await slot(one, "one");
  redis.freeze();
  // Long beside the time from one answer to the other.
  const gapMs = 10 * GAP_MS;
  const answers = [one.reserve(asking("one", gapMs)), other.reserve(asking("other", gapMs))];
  let settled = 0;
  answers.forEach((answer) => answer.then(() => settled++));
  await later(3 * GAP_MS);
  assert.equal(settled, 0);
  redis.thaw();
  const waits = await Promise.all(answers);
  assert.ok(waits.filter((waitMs) => waitMs === 0).length <= 1, `${waits} ms`);
  await Promise.all([slot(one, "one"), slot(other, "other")]);
});

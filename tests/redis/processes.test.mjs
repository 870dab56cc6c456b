// Servers on several machines, as processes here: one lane over Redis, whatever happens to them and to it. The stand-in judges.
import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { expect as expectSoon } from "../../xtask/expect.mjs";
import { freshApp } from "../consumers/runner/app.mjs";
import { newToken } from "../consumers/runner/poll.mjs";
import { start } from "../consumers/runner/program.mjs";
import { deno, ofScope } from "../consumers/runner/programs.mjs";
import { standin } from "../consumers/runner/standin.mjs";
import { below, oneOf, seeded } from "../node-package/seeded.mjs";
import { CLIENTS } from "./app/connect.mjs";
import { FOLDER, later, slowWay, startRedis } from "./server.mjs";

/**
 * What the clients keep, long beside anything that this machine may do in between. The stand-in of this suite refuses what comes
 * sooner than half of it.
 */
const FLOOR_MS = 1_000;

const SEED = Number(process.env.SEED ?? Date.now() % 1e6);

// Not a limit on how fast anything is: only so that what hangs fails its test instead of hanging it.
const expect = expectSoon.configure({ timeout: 200_000 });

let app;

/** A lane of its own, and who polls on it. */
async function lane(t, redis) {
  app ??= freshApp(t, "../redis/app");
  const token = newToken();
  const observed = async (what) => (await fetch(`${standin}/_standin/${what}?token=${token}`)).json();
  return {
    /** Starts a process that polls the batches. One that a test ends itself is not asked what came of it. */
    poller: async (batches, { kind = "ioredis", url = redis.url, poll = {}, runtime = [process.execPath] } = {}) => {
      const options = { baseUrl: `${standin}/api/v1`, token, minIntervalMs: FLOOR_MS };
      const what = JSON.stringify({ kind, folder: FOLDER, redis: url, options, batches, poll });
      const { child, until, finished } = start(t, runtime[0], [...runtime.slice(1), `${await app}/poller.mjs`, what]);
      return {
        batches,
        polling: () => until(/polling/),
        ended: async () => {
          const [, reported] = await until(/ended (.*)\n/);
          await finished();
          return JSON.parse(reported);
        },
        kill: async () => {
          child.kill("SIGKILL");
          await finished().catch(() => {});
        },
      };
    },
    arrivals: () => observed("log"),
    more: async (count) => {
      const enough = (await observed("log")).length + count;
      await expect.poll(async () => (await observed("log")).length, { message: "requests", intervals: [20] }).toBeGreaterThanOrEqual(enough);
    },
    /**
     * The floor held. The lane is closed from the grant on, and for a floor from each word of the request that used it: on a
     * machine so busy that this word is late, as suites that run beside each other make it, a request counts from its grant. A
     * quarter is allowed for that. Behind a process that is killed the lane is closed for longer.
     */
    assertFloor: async (leastAtAll = 0.75 * FLOOR_MS) => {
      const arrivals = await observed("log");
      let longest = 0;
      for (let n = 1; n < arrivals.length; n++) {
        const gapMs = arrivals[n].arrivedMs - arrivals[n - 1].arrivedMs;
        longest = Math.max(longest, gapMs);
        assert.ok(gapMs >= leastAtAll, `${gapMs} ms before request ${n}, ${JSON.stringify(arrivals[n])}`);
      }
      assert.deepEqual(arrivals.filter(({ violation }) => violation), []);
      const meanMs = (arrivals.at(-1).arrivedMs - arrivals[0].arrivedMs) / (arrivals.length - 1);
      t.diagnostic(`${arrivals.length} requests, a mean gap of ${meanMs.toFixed()} ms, the longest ${longest.toFixed()} ms`);
      return arrivals;
    },
  };
}

const names = Object.keys(CLIENTS);

// They wait more than they compute.
suite("several servers over one Redis", { concurrency: 2 }, () => {
  test("four processes keep one floor and use every slot that they are granted", async (t) => {
    const { poller, assertFloor } = await lane(t, await startRedis(t));
    const batches = [["waits-1", "files-3"], ["waits-2", "files-1"], ["waits-3", "files-2"], ["waits-4", "done"]];
    const pollers = await Promise.all(batches.map((its, n) => poller(its, { kind: names[n % 2] })));
    const reported = await Promise.all(pollers.map(({ ended }) => ended()));
    assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true, true]));
    const arrivals = await assertFloor();
    assert.equal(arrivals.length, reported.reduce((sum, { used }) => sum + used, 0));
  });

  test("Bun with its own client, Deno and Node share a lane", async (t) => {
    const { poller, assertFloor } = await lane(t, await startRedis(t));
    const bun = [await ofScope("@oven", join("bin", "bun"), "Bun")];
    const pollers = [
      await poller(["waits-1"], { kind: "bun", runtime: bun }),
      await poller(["waits-2"], { kind: "ioredis", runtime: bun }),
      await poller(["waits-3"], { kind: "redis", runtime: [await deno(), "run", "--allow-all", "--no-lock"] }),
      await poller(["waits-4"]),
    ];
    const reported = await Promise.all(pollers.map(({ ended }) => ended()));
    assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true]));
    await assertFloor();
  });

  test("four processes, each killed at any moment and started again, keep one floor, and those that live on finish", { timeout: 300_000 }, async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    const random = seeded(SEED);
    const { poller, assertFloor, more } = await lane(t, await startRedis(t));
    let batch = 1_000;
    const begin = async (n) => {
      const its = await poller([`waits-${batch++}`, `waits-${batch++}`], { kind: names[n % 2] });
      await its.polling();
      return its;
    };
    const pollers = await Promise.all([0, 1, 2, 3].map(begin));
    for (let round = 0; round < 12; round++) {
      await later(below(2 * FLOOR_MS, random));
      const n = oneOf([0, 1, 2, 3], random);
      await pollers[n].kill();
      pollers[n] = await begin(n);
    }
    await more(4);
    await Promise.all(pollers.map(({ kill }) => kill()));
    const survivors = await Promise.all([["waits-1"], ["waits-2"], ["waits-3"], ["waits-4"]].map((its, n) => poller(its, { kind: names[n % 2] })));
    const reported = await Promise.all(survivors.map(({ ended }) => ended()));
    assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true]));
    await assertFloor();
  });

  test("a Redis that is killed and started again, with or without what it knew, costs a gap and breaks no floor", { timeout: 300_000 }, async (t) => {
    for (const save of ["", "1 1"]) {
      const redis = await startRedis(t, { save });
      const { poller, assertFloor, more } = await lane(t, redis);
      const poll = { maxRetries: 100 };
      const pollers = await Promise.all([0, 1, 2, 3].map((n) => poller([`waits-${3 + n}`], { kind: names[n % 2], poll })));
      for (let round = 0; round < 3; round++) {
        await more(2);
        await redis.kill();
        await redis.start();
      }
      const reported = await Promise.all(pollers.map(({ ended }) => ended()));
      assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true]));
      // What was granted before the end may arrive after it, and nobody hears of it.
      await assertFloor(FLOOR_MS / 2);
    }
  });

  test("while Redis cannot be reached nothing is sent, and then everyone goes on", { timeout: 300_000 }, async (t) => {
    const redis = await startRedis(t);
    const { poller, assertFloor, arrivals, more } = await lane(t, redis);
    const poll = { maxRetries: 100 };
    const pollers = await Promise.all([0, 1, 2, 3].map((n) => poller([`waits-${3 + n}`], { kind: names[n % 2], poll })));
    await more(4);
    await redis.kill();
    // What was granted is on its way.
    await later(3 * FLOOR_MS);
    const before = (await arrivals()).length;
    await later(3 * FLOOR_MS);
    assert.equal((await arrivals()).length, before);
    await redis.start();
    const reported = await Promise.all(pollers.map(({ ended }) => ended()));
    assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true]));
    await assertFloor();
  });

  test("a Redis that stands still for a while, or is slow to reach for some, breaks no floor and keeps nobody away for good", { timeout: 300_000 }, async (t) => {
    const redis = await startRedis(t);
    const { poller, assertFloor, more } = await lane(t, redis);
    const ways = [redis.url, redis.url, await slowWay(t, redis.port, FLOOR_MS / 10), await slowWay(t, redis.port, FLOOR_MS / 10)];
    const poll = { maxRetries: 100 };
    const pollers = await Promise.all(ways.map((url, n) => poller([`waits-${3 + n}`], { kind: names[n % 2], url, poll })));
    for (let round = 0; round < 3; round++) {
      await more(2);
      redis.freeze();
      await later(2 * FLOOR_MS);
      redis.thaw();
    }
    const reported = await Promise.all(pollers.map(({ ended }) => ended()));
    assert.deepEqual(reported.map(({ outcomes }) => outcomes), Array(4).fill([true]));
    // One that stands still between granting a slot and hearing of its request counts from the grant, and no slot is used later
    // than half a floor after that.
    await assertFloor(FLOOR_MS / 2);
  });
});

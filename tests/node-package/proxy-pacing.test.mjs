// Many visitors of one account: whose turn it is, for how long they are held, and what becomes of those who leave.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ExtractaClient } from "extracta-wasm";
import { createProxy } from "extracta-wasm/proxy";
import { api, ask, done, doneAt, FLOOR_MS, follows, proxied, waiting } from "./proxies.mjs";
import { classification, extraction, newToken, NOWHERE } from "./standin.mjs";

const EARLY_MS = 1;
const assertSpaced = ({ gaps }) => assert.ok(Math.min(...gaps()) >= FLOOR_MS - EARLY_MS, `${Math.min(...gaps())} ms`);

test("visitors of many batches keep one floor, and each receives its change once", async () => {
  const upstream = api(doneAt(4));
  const proxy = proxied(upstream);
  const visits = await Promise.all(Array.from({ length: 8 }, (_, nth) => follows(proxy, extraction(`b${nth}`), { visitor: `v${nth}` })));
  for (const { statuses } of visits) assert.deepEqual(statuses, [200, 200]);
  assert.equal(upstream.arrived.length, 32);
  assertSpaced(upstream);
});

test("a client of today, which knows nothing of holds, is served the same", async () => {
  const upstream = api(doneAt(4));
  const proxy = proxied(upstream, { authorize: () => true });
  const fetch = (url, init) => proxy(new Request(url, { ...init, headers: { ...init.headers, "sec-fetch-site": "same-origin" } }));
  // Each is a page of its own, with a lane of its own: a path distinguishes them.
  const pages = Array.from({ length: 8 }, (_, nth) => new ExtractaClient({ baseUrl: `https://app.example/${newToken()}`, minIntervalMs: FLOOR_MS, fetch }).pollUntilDone(extraction(`b${nth}`)));
  for (const { done } of await Promise.all(pages)) assert.equal(done, true);
  assert.equal(upstream.arrived.length, 32);
  assertSpaced(upstream);
});

test("a hundred visitors of one batch make the requests of one", async () => {
  const upstream = api(doneAt(10));
  const proxy = proxied(upstream);
  const visits = await Promise.all(Array.from({ length: 100 }, (_, nth) => follows(proxy, extraction("b"), { visitor: `v${nth}` })));
  assert.ok(upstream.arrived.length <= 11, `${upstream.arrived.length} requests`);
  for (const { statuses } of visits) assert.ok(statuses.length <= 3 && statuses.every((status) => status === 200), `${statuses}`);
});

test("one with five hundred batches makes nobody else wait", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  // Long beside the grace that each place in line is given.
  const minIntervalMs = 200;
  const proxy = proxied(upstream, { maxHoldMs: 60_000, minIntervalMs });
  const greedy = Array.from({ length: 500 }, () => new AbortController());
  for (const [nth, { signal }] of greedy.entries()) void follows(proxy, extraction(`greedy-${nth}`), { visitor: "greedy", waitS: 60, signal });
  await sleep(2 * minIntervalMs);
  for (let nth = 0; nth < 5; nth++) {
    const before = upstream.arrived.length;
    const answer = await ask(proxy, extraction(`modest-${nth}`), { visitor: "modest" });
    assert.equal(answer.status, 200);
    assert.ok(upstream.arrived.length - before <= 4, `behind ${upstream.arrived.length - before} others`);
  }
  for (const one of greedy) one.abort();
  assertSpaced(upstream);
});

test("a young reply answers whoever asks next, a failure only those who waited for it", async () => {
  let fails = false;
  const upstream = api(({ ids }) => (fails ? Response.json({ status: "error", message: "no" }, { status: 503 }) : waiting(ids)));
  // Young for longer than anything that this machine may do in between.
  const slow = proxied(upstream, { minIntervalMs: 60_000 });
  const [first, second] = [await ask(slow, extraction("b")), await ask(slow, extraction("b"))];
  assert.deepEqual([first.status, second.text, upstream.arrived.length], [200, first.text, 1]);

  const proxy = proxied(upstream, { minIntervalMs: 1_000 });
  await ask(proxy, extraction("b"));
  await sleep(1_020);
  await ask(proxy, extraction("before"));
  fails = true;
  const both = await Promise.all([ask(proxy, extraction("b")), ask(proxy, extraction("b"), { visitor: "other" })]);
  assert.deepEqual(both.map(({ status, headers }) => [status, headers["retry-after"]]), [[503, "1"], [503, "1"]]);
  assert.equal(upstream.of("b").length, 3);
  fails = false;
  assert.equal((await ask(proxy, extraction("b"))).status, 200);
  const [, , failed, next] = upstream.of("b");
  assert.ok(next.at - failed.at >= 1_000 - EARLY_MS, "the next slot");
  assert.equal(upstream.of("b").length, 4);
});

test("who comes while the answer is under way is answered by it", async () => {
  let answer;
  const upstream = api(({ ids }) => new Promise((resolve) => (answer = () => resolve(waiting(ids)))));
  const proxy = proxied(upstream, { minIntervalMs: 10_000, requestTimeoutMs: 5_000 });
  const first = ask(proxy, extraction("b"));
  while (!answer) await sleep(1);
  const later = ask(proxy, extraction("b"), { visitor: "later" });
  await sleep(5);
  answer();
  assert.deepEqual([(await first).status, (await later).status, upstream.arrived.length], [200, 200, 1]);
});

test("nothing new within the time is 204, and none of the API's bytes", async () => {
  const upstream = api(({ ids, nth }) => ({ ...waiting(ids), link: `signed-${nth}` }));
  const proxy = proxied(upstream, { maxHoldMs: 3_300 });
  const first = await ask(proxy, extraction("b"), { prefer: "respond-async, wait=9" });
  assert.deepEqual([first.status, first.headers["preference-applied"]], [200, "wait=3.3"]);
  const since = first.headers["extracta-state"];
  const answer = await ask(proxy, extraction("b"), { prefer: `wait=9;since="${since}"` });
  assert.deepEqual([answer.status, answer.text, answer.headers["extracta-state"], answer.headers["retry-after"]], [204, "", undefined, undefined]);
  assert.ok(upstream.arrived.length >= 3, "it went on asking");
  const other = await ask(proxy, extraction("b"), { prefer: 'wait=9; since="of-before"' });
  assert.equal(other.status, 200);
  // Without `since` any answer is one.
  assert.equal((await ask(proxy, extraction("b"), { prefer: "wait=9" })).status, 200);
});

test("the state is that of the files, and of nothing else", async () => {
  const stateOf = async (reply) => (await ask(proxied(api(() => reply)), extraction("b"))).headers["extracta-state"];
  const file = (fileId, status, more) => ({ fileId, status, ...more });
  const one = await stateOf({ status: "processing", files: [file("a", "waiting"), file("b", "processed", { url: "signed-1" })] });
  assert.equal(await stateOf({ status: "processing", more: 1, files: [file("a", "waiting", { x: 1 }), file("b", "processed", { url: "signed-2" })] }), one);
  assert.equal(await stateOf({ status: "processing", files: { a: { status: "waiting" }, b: { status: "processed" } } }), one);
  const others = [
    { status: "done", files: [file("a", "waiting"), file("b", "processed")] },
    { status: "processing", files: [file("a", "processed"), file("b", "processed")] },
    { status: "processing", files: [file("a", "waiting")] },
    { status: "processing", files: [] },
    { status: "processing" },
    {},
  ];
  const states = new Set([one]);
  for (const reply of others) states.add(await stateOf(reply));
  assert.equal(states.size, others.length);
});

test("a refusal of the API reaches nobody: all wait until it is over", async () => {
  const upstream = api(({ ids, nth }) => (nth === 1 && ids.batchId === "b0" ? Response.json({ error: "too many" }, { status: 429, headers: { "retry-after": "1" } }) : done(ids)));
  const proxy = proxied(upstream, { maxHoldMs: 5_000 });
  const answers = await Promise.all([0, 1, 2].map((nth) => ask(proxy, extraction(`b${nth}`), { visitor: `v${nth}` })));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  assert.ok(upstream.gaps()[0] >= 1_000 - EARLY_MS, "the pause");
});

test("no requests are sent for those who leave, and the others continue", async () => {
  const upstream = api(doneAt(3));
  const proxy = proxied(upstream);
  const leaving = new AbortController();
  const gone = Array.from({ length: 10 }, (_, nth) => follows(proxy, extraction(`gone-${nth}`), { visitor: `g${nth}`, signal: leaving.signal }));
  const stay = Array.from({ length: 5 }, (_, nth) => follows(proxy, extraction(`stay-${nth}`), { visitor: `s${nth}` }));
  await sleep(3 * FLOOR_MS);
  leaving.abort();
  const before = upstream.arrived.length;
  await Promise.all([...gone, ...stay]);
  const later = upstream.arrived.slice(before).filter(({ ids }) => ids.batchId.startsWith("gone"));
  assert.deepEqual(later, []);
  for (let nth = 0; nth < 5; nth++) assert.equal(upstream.of(`stay-${nth}`).length, 3);
});

test("the first who asks may leave in the middle: the others have the answer, and the lane goes on", async () => {
  let answer;
  const upstream = api(({ ids }) => (answer ? done(ids) : new Promise((resolve) => (answer = () => resolve(waiting(ids))))));
  const proxy = proxied(upstream);
  const leaving = new AbortController();
  const first = ask(proxy, extraction("b"), { signal: leaving.signal });
  const others = [1, 2, 3].map((nth) => ask(proxy, extraction("b"), { visitor: `v${nth}` }));
  while (!answer) await sleep(1);
  leaving.abort();
  await first;
  assert.equal(upstream.arrived[0].init.signal.aborted, false, "its slot is used");
  answer();
  for (const { status, json } of await Promise.all(others)) assert.deepEqual([status, json.status], [200, "waiting"]);
  assert.equal((await ask(proxy, extraction("c"))).status, 200);
  assert.equal(upstream.arrived.length, 2);
});

test("leaving costs little, however many leave", async () => {
  const proxy = proxied(api(({ ids }) => waiting(ids)), { maxHeld: 10_000, maxHoldMs: 60_000 });
  const leaving = Array.from({ length: 2_000 }, () => new AbortController());
  const held = leaving.map(({ signal }, nth) => ask(proxy, extraction(`b${nth}`), { visitor: `v${nth}`, prefer: "wait=60", signal }));
  await sleep(100);
  for (const one of leaving) one.abort();
  await Promise.all(held);
  assert.equal((await ask(proxy, extraction("last"))).status, 200);
});

test("no more are held than may be; who has most gives way, and nobody is kept away for good", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  const proxy = proxied(upstream, { maxHeld: 10, maxHoldMs: 60_000 });
  const leaving = new AbortController();
  const greedy = Array.from({ length: 30 }, (_, nth) => ask(proxy, extraction(`greedy-${nth}`), { visitor: "greedy", prefer: "wait=60", signal: leaving.signal }));
  const refused = [];
  for (const one of greedy) void one.then(({ status, headers }) => status === 204 && refused.push(Number(headers["retry-after"])));
  await sleep(2 * FLOOR_MS);
  assert.ok(refused.length >= 20, `${refused.length} of 30 were refused`);
  assert.ok(refused.every((seconds) => seconds >= 1));
  assert.equal((await ask(proxy, extraction("modest"), { visitor: "modest", prefer: "wait=60" })).status, 200);
  leaving.abort();
  await Promise.all(greedy);
});

test("a request that cannot be served in time gets a Retry-After, and is held when it comes back", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  // Ten slots of half a second are longer than anybody is held.
  const proxy = proxied(upstream, { minIntervalMs: 500, maxHoldMs: 2_000 });
  const requested = performance.now();
  const times = Array.from({ length: 10 }, async (_, nth) => {
    const statuses = [];
    for (;;) {
      const { status, headers } = await ask(proxy, extraction(`b${nth}`), { visitor: `v${nth}` });
      statuses.push(status);
      if (status === 200) return { statuses, after: performance.now() - requested };
      await sleep(1_000 * Number(headers["retry-after"]));
    }
  });
  const all = await Promise.all(times);
  for (const { statuses } of all) assert.ok(statuses.length <= 3, `${statuses}`);
  assert.equal(upstream.arrived.length, 10, "no slot was used twice for one");
  // No slot is left unused while anybody asks: at the times of Retry-After somebody is there.
  assert.ok(all.every(({ after }) => after < 60_000));
});

test("nobody who asks is put off for those who were told to come later and do not", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  // Three slots are over long before anybody is held no more.
  const proxy = proxied(upstream, { minIntervalMs: 500, maxHoldMs: 3_000 });
  const crowd = await Promise.all(Array.from({ length: 20 }, (_, nth) => ask(proxy, extraction(`b${nth}`), { visitor: `v${nth}` })));
  const away = crowd.filter(({ status }) => status === 429);
  assert.ok(away.length >= 10, `${away.length} of 20 were told to come later`);
  // Nobody is held any more. Most of them should be here by now.
  await sleep(5_000);
  const later = await Promise.all([0, 1, 2].map((nth) => ask(proxy, extraction(`later-${nth}`), { visitor: `later-${nth}` })));
  assert.deepEqual(later.map(({ status }) => status), [200, 200, 200], "no slot is left unused while anybody asks");
});

test("who came back and was answered is waited for no more", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  const proxy = proxied(upstream, { minIntervalMs: 250, maxHoldMs: 500 });
  const crowd = await Promise.all(Array.from({ length: 8 }, (_, nth) => ask(proxy, extraction(`b${nth}`), { visitor: `v${nth}` })));
  const refused = crowd.findIndex(({ status }) => status === 429);
  assert.ok(refused >= 0);
  // By another's answer, which is young yet: it is not held.
  assert.equal((await ask(proxy, extraction(`b${refused}`), { visitor: "other" })).status, 200);
  assert.equal((await ask(proxy, extraction(`b${refused}`), { visitor: `v${refused}` })).status, 200);
  const [accounts] = [...globalThis[Symbol.for("extracta-wasm.proxy.1")].values()].slice(-1);
  const away = [...accounts.values()].reduce((sum, account) => sum + account.expectedBy(Infinity), 0);
  assert.equal(away, crowd.filter(({ status }) => status === 429).length - 1);
});

test("nobody is refused while nobody else is there", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  const proxy = proxied(upstream, { minIntervalMs: 400, maxHoldMs: 500 });
  for (let nth = 0; nth < 4; nth++) assert.equal((await ask(proxy, extraction(`b${nth}`))).status, 200);
});

test("what is kept of documents goes by itself", async () => {
  const upstream = api(({ ids }) => ({ ...done(ids), canary: "x".repeat(100_000) }));
  const proxy = proxied(upstream);
  await ask(proxy, extraction("b"));
  const [accounts] = [...globalThis[Symbol.for("extracta-wasm.proxy.1")].values()].slice(-1);
  const isKept = () => JSON.stringify([...accounts.values()].map((account) => account.kept())).includes("canary");
  assert.equal(isKept(), true);
  while (isKept()) await sleep(10);
});

test("two proxies of one account share its lane, its holds and its replies", async () => {
  const upstream = api(({ ids }) => waiting(ids));
  const options = { token: newToken(), baseUrl: `${NOWHERE}/`, minIntervalMs: 10_000 };
  const [one, other] = [proxied(upstream, options), proxied(upstream, { ...options, baseUrl: NOWHERE })];
  assert.equal((await ask(one, extraction("b"))).status, 200);
  assert.equal((await ask(other, extraction("b"))).status, 200);
  assert.equal(upstream.arrived.length, 1);
});

test("a second copy of the module, as bundles make them, shares the account", async () => {
  const { createProxy: ofSecond } = await import(`${import.meta.resolve("extracta-wasm/proxy")}?second`);
  assert.notEqual(ofSecond, createProxy);
  const upstream = api(({ ids }) => waiting(ids));
  const options = { token: newToken(), baseUrl: NOWHERE, minIntervalMs: 10_000, fetch: upstream.fetch, authorize: () => true };
  assert.equal((await ask(createProxy(options), extraction("b"))).status, 200);
  assert.equal((await ask(ofSecond(options), extraction("b"))).status, 200);
  assert.equal(upstream.arrived.length, 1);
});

test("an answer is that of one endpoint, one set of ids and one account", async () => {
  const upstream = api(({ ids, init }) => ({ ...waiting(ids), of: init.headers.authorization.length }));
  const [own, other] = [newToken(), `${newToken()}-other`];
  const proxies = [own, other].map((token) => proxied(upstream, { token }));
  const batches = [extraction("b"), classification("b"), extraction("c"), { extractionId: "other", batchId: "b" }, { ...extraction("b"), fileId: "f" }];
  const asked = proxies.flatMap((proxy, nth) => batches.map(async (batch) => ({ batch, token: [own, other][nth], answer: await ask(proxy, batch) })));
  for (const { batch, token, answer } of await Promise.all(asked)) assert.deepEqual(answer.json, { ...waiting(batch), of: `Bearer ${token}`.length });
  assert.equal(upstream.arrived.length, 2 * batches.length);
});

test("a visitor whose request hangs is charged for its time, and not twice", async () => {
  // Long beside the grace that each place in line is given.
  const minIntervalMs = 200;
  const hung = [];
  const hangs = ({ init, at }) =>
    new Promise((_, reject) => {
      init.signal.addEventListener("abort", () => {
        hung.push((performance.now() - at) / minIntervalMs);
        reject(init.signal.reason);
      });
    });
  const upstream = api((asked) => (asked.ids.batchId.startsWith("hangs") ? hangs(asked) : waiting(asked.ids)));
  const proxy = proxied(upstream, { minIntervalMs, requestTimeoutMs: 6 * minIntervalMs, maxHoldMs: 60_000 });
  const leaving = new AbortController();
  const hanging = Array.from({ length: 20 }, (_, nth) => ask(proxy, extraction(`hangs-${nth}`), { visitor: "hangs", signal: leaving.signal }));
  const others = [0, 1, 2, 3].map(async (visitor) => {
    for (let nth = 0; nth < 12; nth++) await ask(proxy, extraction(`own-${visitor}-${nth}`), { visitor: `v${visitor}` });
  });
  await Promise.all(others);
  leaving.abort();
  await Promise.all(hanging);
  const [first, second = upstream.arrived.length] = upstream.arrived.flatMap(({ ids }, nth) => (ids.batchId.startsWith("hangs") ? [nth] : []));
  // On a busy machine one that is late misses its slot, so that they may have less.
  // The others have the time of a request that hangs, and not twice.
  const [between, [owed]] = [second - first - 1, hung];
  assert.ok(between <= 4 * 1.5 * (owed + 1), `${between} others after one that took ${owed} slots`);
});

test("where nobody says otherwise, a request that hangs ends before those who wait for it must", async () => {
  const upstream = api(({ init }) => new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason))));
  // At the end of its hold it would be told to come later.
  assert.equal((await ask(proxied(upstream), extraction("b"))).status, 504);
});

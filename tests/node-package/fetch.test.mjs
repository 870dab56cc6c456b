// A `fetch` of the caller's may do anything: each call ends with a typed error or the right results.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient } from "extracta-wasm";
import { extraction, finished } from "./standin.mjs";
import { assertNextClientWorks, endOf, inProcess } from "./survival.mjs";

const boom = () => {
  throw new RangeError("not yours");
};
const hostile = (target = {}) => new Proxy(target, new Proxy({}, { get: () => boom }));

function revoked(target = {}) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const FILES = [{ fileId: "f", status: "processed" }];
const done = () => ({ files: structuredClone(FILES) });

/** A Response by its looks alone. */
const lookalike = (members) => async () => ({ status: 200, type: "default", headers: new Headers(), json: async () => done(), ...members });
const throwing = (name) => async () => Object.defineProperty(await lookalike({})(), name, { get: boom });
const gives = (value) => lookalike({ json: async () => value });
const VALUES = [undefined, null, 0, 5, "", "text", true, Symbol("s"), 5n, () => {}];

// Waits out its limit of 30 ms, and ends as that does.
const never = () => new Promise(() => {});

const FETCHES = [
  ...VALUES.map((value) => [`gives ${inspect(value)}`, async () => value, "UNEXPECTED_REPLY"]),
  ...VALUES.map((value) => [`gives ${inspect(value)}, and no promise`, () => value, "UNEXPECTED_REPLY"]),
  ...VALUES.map((value) => [`rejects with ${inspect(value)}`, () => Promise.reject(value), "NETWORK"]),
  ...VALUES.map((value) => [
    `throws ${inspect(value)}`,
    () => {
      throw value;
    },
    "NETWORK",
  ]),
  ["rejects with an error whose every member throws", () => Promise.reject(hostile()), "NETWORK"],
  ["rejects with a revoked proxy", () => Promise.reject(revoked()), "NETWORK"],
  ["rejects with a frozen error", () => Promise.reject(Object.freeze(new TypeError("failed"))), "NETWORK"],
  ["never settles", never, "REQUEST_TIMEOUT"],
  ["gives a thenable that never settles", () => ({ then() {} }), "REQUEST_TIMEOUT"],
  ["gives a thenable that throws", () => ({ then: boom }), "NETWORK"],
  ["gives a thenable that settles twice", () => ({ then: (give) => (give(Response.json(done())), give(5)) }), "done"],
  ["gives an object whose every member throws", async () => hostile({}), "NETWORK", "UNEXPECTED_REPLY"],
  ["gives a Response of its own", lookalike({}), "done"],
  ["gives an empty object", lookalike({ status: undefined, type: undefined, headers: undefined, json: undefined }), "UNEXPECTED_REPLY", "BAD_REQUEST"],
  ...[undefined, null, "200", NaN, -1, 0, 100, 1e9, {}, Symbol("s"), 200n].map((status) => [
    `gives a Response of status ${inspect(status)}`,
    lookalike({ status }),
    "UNEXPECTED_REPLY",
    "BAD_REQUEST",
    // What a status becomes that is no number is not written down anywhere: results, if it reads as 200.
    ...(typeof status === "string" ? ["done"] : []),
  ]),
  ...["status", "json"].map((name) => [`gives a Response whose ${name} throws`, throwing(name), "UNEXPECTED_REPLY", "NETWORK"]),
  ...["type", "headers"].map((name) => [`gives a Response whose ${name} throws, which none reads`, throwing(name), "done"]),
  ...VALUES.map((json) => [`gives a Response whose json is ${inspect(json)}`, lookalike({ json }), "UNEXPECTED_REPLY", "NETWORK", "NOT_JSON"]),
  ...VALUES.map((value) => [`gives a Response whose json() gives ${inspect(value)}`, gives(value), "NOT_JSON"]),
  ...VALUES.map((value) => [`gives a Response whose json() gives ${inspect(value)}, and no promise`, lookalike({ json: () => value }), "NOT_JSON", "NETWORK", "UNEXPECTED_REPLY"]),
  ["gives a Response whose json() gives its value at once", lookalike({ json: done }), "done", "UNEXPECTED_REPLY"],
  ...VALUES.map((value) => [`gives a Response whose json() rejects with ${inspect(value)}`, lookalike({ json: () => Promise.reject(value) }), "NETWORK"]),
  ["gives a Response whose json() throws", lookalike({ json: boom }), "NETWORK"],
  ["gives a Response whose json() never settles", lookalike({ json: never }), "REQUEST_TIMEOUT"],
  ["gives a Response that was read already", async () => {
    const response = Response.json(done());
    await response.text();
    return response;
  }, "NETWORK"],
  ["gives results that are frozen", gives(Object.freeze(done())), "done", "UNEXPECTED_REPLY"],
  ["gives results that are frozen, with files by id", gives(Object.freeze({ files: { f: FILES[0] } })), "done", "UNEXPECTED_REPLY"],
  ["gives results that are sealed", gives(Object.seal({ done: false, ...done() })), "done"],
  ["gives results whose every member throws", gives(hostile()), "UNEXPECTED_REPLY", "NETWORK", "NOT_JSON"],
  ["gives results that are a revoked proxy", gives(revoked()), "UNEXPECTED_REPLY", "NETWORK", "NOT_JSON"],
  ["gives files that are a revoked proxy", gives({ files: revoked([]) }), "UNEXPECTED_REPLY"],
  ["gives files whose every member throws", gives({ files: hostile([]) }), "UNEXPECTED_REPLY"],
  ["gives a file whose every member throws", gives({ files: [hostile()] }), "UNEXPECTED_REPLY", "waiting"],
  ["gives a file that is a revoked proxy", gives({ files: [revoked()] }), "UNEXPECTED_REPLY", "waiting"],
  ["gives files by id, one of which throws", gives({ files: Object.defineProperty({}, "f", { get: boom, enumerable: true }) }), "UNEXPECTED_REPLY", "waiting"],
  ["gives files with holes", gives({ files: [, FILES[0]] }), "UNEXPECTED_REPLY"], // eslint-disable-line no-sparse-arrays
  ["gives results that contain themselves", gives(Object.assign(done(), { get self() { return this; } })), "done"],
  ["gives results without prototype", gives(Object.assign(Object.create(null), done())), "done"],
  ["gives results of a class that has a setter of done", gives(new (class { files = FILES; set done(_) { boom(); } })()), "UNEXPECTED_REPLY", "done"],
  ["gives a refusal without headers", lookalike({ status: 429, headers: undefined }), "RATE_LIMITED"],
  ["gives a refusal whose headers are odd", lookalike({ status: 503, headers: { get: () => 5 } }), "SERVER"],
  ["gives a refusal whose headers throw", lookalike({ status: 503, headers: { get: boom } }), "SERVER"],
  ["gives a refusal whose headers cannot be had", async () => Object.defineProperty(await lookalike({ status: 503 })(), "headers", { get: boom }), "SERVER", "NETWORK", "UNEXPECTED_REPLY"],
  ["gives a refusal whose type cannot be had", async () => Object.defineProperty(await lookalike({ status: 503 })(), "type", { get: boom }), "SERVER", "NETWORK", "UNEXPECTED_REPLY"],
  ...VALUES.map((value) => [
    `gives a refusal in JSON that is ${inspect(value)}`,
    lookalike({ status: 404, headers: new Headers({ "content-type": "application/json" }), json: () => value }),
    "NOT_FOUND",
  ]),
  ["gives a refusal in JSON whose every member throws", lookalike({ status: 404, headers: new Headers({ "content-type": "application/json" }), json: async () => hostile() }), "NOT_FOUND"],
  ["gives a refusal in JSON that never ends", lookalike({ status: 404, headers: new Headers({ "content-type": "application/json" }), json: never }), "NOT_FOUND", "REQUEST_TIMEOUT"],
];

for (const [what, fetch, ...allowed] of FETCHES) {
  test(`a fetch that ${what}`, async () => {
    // Short only where it is what ends the request.
    const requestTimeoutMs = allowed.includes("REQUEST_TIMEOUT") ? 30 : 60_000;
    const client = new ExtractaClient({ ...inProcess(fetch), requestTimeoutMs });
    const end = await endOf(() => client.getBatchResults(extraction("b")));
    assert.ok(allowed.includes(end), `it ended with ${inspect(end)}`);
    await assertNextClientWorks();
    // The lane of this very client goes on as well.
    assert.ok(allowed.includes(await endOf(() => client.getBatchResults(extraction("c")))));
    client.close();
  });
}

test("a fetch that gives the same Response twice", async () => {
  const response = Response.json({ status: "waiting" });
  const client = new ExtractaClient(inProcess(async () => response));
  assert.equal(await endOf(() => client.pollUntilDone(extraction("b"), { maxRetries: 1, intervalMs: 1 })), "RETRIES_EXHAUSTED");
  await assertNextClientWorks();
});

test("a fetch that calls the client again is served", async () => {
  const inner = [];
  const fetch = async (_url, init) => {
    const { batchId } = JSON.parse(init.body);
    if (batchId === "outer") inner.push(client.getBatchResults(extraction("inner")));
    return Response.json(finished({ batchId }));
  };
  const client = new ExtractaClient(inProcess(fetch));
  assert.equal(await endOf(() => client.pollUntilDone(extraction("outer"))), "done");
  assert.equal(inner.length, 1);
  assert.equal(await endOf(() => inner[0]), "done");
});

test("a fetch that changes what it is given changes no later request", async () => {
  const seen = [];
  const fetch = async (_url, init) => {
    seen.push([init.method, init.body, init.headers.authorization?.slice(0, 7)]);
    delete init.headers.authorization;
    Object.assign(init, { method: "GET", body: null });
    return Response.json(seen.length < 2 ? { status: "waiting" } : done());
  };
  assert.equal(await endOf(() => new ExtractaClient(inProcess(fetch)).pollUntilDone(extraction("b"))), "done");
  assert.deepEqual(seen[1], seen[0]);
});

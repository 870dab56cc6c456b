// The client itself: inert when made, tolerant of how options are made, gone when closed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { answering, extraction, fast, finished, newToken, NOWHERE, oneTurn, rejection, requestsOf, severalFloors } from "./standin.mjs";

// Workers allow none of these at module scope.
const FORBIDDEN_AT_MODULE_SCOPE = `
  const forbid = (object, names) => {
    for (const name of names) {
      if (!(name in object)) throw new Error("no " + name + " to forbid");
      Object.defineProperty(object, name, { configurable: true, value: () => { throw new Error(name + " was called"); } });
    }
  };
  forbid(globalThis, ["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"]);
  forbid(Math, ["random"]);
  forbid(crypto, ["getRandomValues", "randomUUID"]);
  forbid(WebAssembly, ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]);
`;

test("importing the package and making a client does no I/O, starts no timer and draws no randomness", async () => {
  const { code, stdout, stderr } = await runNode(`${FORBIDDEN_AT_MODULE_SCOPE}
    const { ExtractaClient } = await import("extracta-wasm");
    const client = new ExtractaClient({ token: "test", onEvent() {} });
    console.log(client instanceof ExtractaClient, client.constructor.name);
  `);
  assert.deepEqual([code, stdout], [0, "true ExtractaClient"], stderr);
});

test("so does requiring it", async () => {
  const { code, stdout, stderr } = await runNode(`${FORBIDDEN_AT_MODULE_SCOPE}
    const { createRequire } = await import("node:module");
    const { ExtractaClient } = createRequire(process.cwd() + "/")("extracta-wasm");
    const client = new ExtractaClient({ token: "test" });
    console.log(client instanceof ExtractaClient, client.constructor.name);
  `);
  assert.deepEqual([code, stdout], [0, "true ExtractaClient"], stderr);
});

test("the client polls where code from strings is not allowed", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const client = new ExtractaClient(${JSON.stringify(fast())});
    const { done } = await client.pollUntilDone({ extractionId: "e", batchId: "waits-1" });
    console.log(done);
  `, { flags: ["--disallow-code-generation-from-strings"] });
  assert.deepEqual([code, stdout], [0, "true"], stderr);
});

test("a poll goes on when its client is garbage", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const options = ${JSON.stringify(fast())};
    const poll = (() => new ExtractaClient(options).pollUntilDone({ extractionId: "e", batchId: "waits-4" }))();
    const collecting = setInterval(gc, 20);
    const outcome = await poll.then(({ done }) => "done " + done, (error) => "rejected " + error.code);
    clearInterval(collecting);
    console.log(outcome);
  `, { flags: ["--expose-gc"] });
  assert.deepEqual([code, stdout], [0, "done true"], stderr);
});

test("a watch goes on when its client is garbage", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const options = ${JSON.stringify(fast())};
    const { result } = (() => new ExtractaClient(options).watch({ extractionId: "e", batchId: "waits-4" }))();
    const collecting = setInterval(gc, 20);
    const outcome = await result.then(({ done }) => "done " + done, (error) => "rejected " + error.code);
    clearInterval(collecting);
    console.log(outcome);
  `, { flags: ["--expose-gc"] });
  assert.deepEqual([code, stdout], [0, "done true"], stderr);
});

function asIfOnAWebPage(run) {
  globalThis.window = globalThis;
  globalThis.document = {};
  globalThis.location = { href: "https://app.example/invoices/today" };
  try {
    return run();
  } finally {
    for (const name of ["window", "document", "location"]) delete globalThis[name];
  }
}

test("a literal token for extracta.ai is refused on a web page, and only there", () => {
  const token = newToken();
  const refused = [{ token }, { token, allowTokenInBrowser: false }, { token, baseUrl: "https://eu.extracta.ai/api" }];
  for (const options of refused) {
    asIfOnAWebPage(() => assert.throws(() => new ExtractaClient(options), (error) => isExtractaError(error, "BROWSER_TOKEN") && !error.message.includes(token)));
    assert.ok(new ExtractaClient(options));
  }
});

test("on a web page a proxy, a provider or an explicit permission is fine", () => {
  const token = newToken();
  for (const options of [{ token, baseUrl: NOWHERE }, { token: () => token }, { token, allowTokenInBrowser: true }, {}]) {
    asIfOnAWebPage(() => assert.ok(new ExtractaClient(options)));
  }
});

test("on a web page baseUrl may be a path", async () => {
  const urls = [];
  const fetch = answering((body, url) => {
    urls.push(url);
    return finished(body);
  });
  // As where a server renders: there is no page yet when the client is made.
  const client = new ExtractaClient({ baseUrl: "/api/extracta/", fetch });
  await asIfOnAWebPage(() => client.pollUntilDone(extraction("b")));
  assert.deepEqual(urls, ["https://app.example/api/extracta/getBatchResults"]);
});

test("options and ids are read through getters, prototypes and proxies", async () => {
  const real = fast();
  class Options {
    get token() {
      return real.token;
    }
    get minIntervalMs() {
      return real.minIntervalMs;
    }
    get baseUrl() {
      return new URL(real.baseUrl);
    }
  }
  const onlyGet = (target) => new Proxy({}, { get: (_, name) => target[name] });
  const seen = [];
  for (const options of [new Options(), onlyGet(real), Object.freeze(Object.assign(Object.create(null), real))]) {
    const client = new ExtractaClient(options);
    const { done } = await client.pollUntilDone(onlyGet(extraction("done")), onlyGet({ onProgress: ({ attempt }) => seen.push(attempt) }));
    assert.equal(done, true);
  }
  assert.deepEqual(seen, [0, 1, 0, 1, 0, 1]);
  assert.equal((await requestsOf(real)).length, 3);
});

test("what a getter throws comes through as it is", async () => {
  const mine = new RangeError("mine");
  const throwing = (name, others = {}) => Object.defineProperty({ ...others }, name, {
    enumerable: true,
    get: () => {
      throw mine;
    },
  });
  assert.throws(() => new ExtractaClient(throwing("token")), (error) => error === mine);
  const client = new ExtractaClient(fast());
  assert.equal(await rejection(client.pollUntilDone(throwing("batchId", { extractionId: "e" }))), mine);
  assert.equal(await rejection(client.pollUntilDone(extraction("done"), throwing("timeoutMs"))), mine);
});

test("changing options after the call changes nothing", async () => {
  const sent = [];
  const options = {
    baseUrl: NOWHERE,
    token: "first",
    headers: { "x-team": "first" },
    fetch: answering((body, url, init) => {
      sent.push([url, init.headers.authorization, init.headers["x-team"], body.batchId]);
      return finished(body);
    }),
  };
  const batch = extraction("first");
  const client = new ExtractaClient(options);
  Object.assign(options, { baseUrl: "https://other.example", token: "second", fetch: undefined });
  options.headers["x-team"] = "second";
  const poll = client.pollUntilDone(batch);
  batch.batchId = "second";
  await poll;
  assert.deepEqual(sent, [[`${NOWHERE}/getBatchResults`, "Bearer first", "first", "first"]]);
});

const ENDS = { "close()": (client) => client.close(), "Symbol.dispose": (client) => client[Symbol.dispose]() };

for (const [how, end] of Object.entries(ENDS)) {
  test(`${how} rejects what is pending with CLOSED, and no request follows`, async () => {
    const options = fast();
    const client = new ExtractaClient(options);
    let answered;
    const first = new Promise((resolve) => (answered = resolve));
    const watch = client.watch(extraction("forever"));
    const pending = [client.pollUntilDone(extraction("forever"), { onProgress: answered }), watch.result].map(rejection);
    await first;
    pending.push(rejection(client.getBatchResults(extraction("never-answers"))));
    // In flight from then on, and the others wait behind it.
    while (!(await requestsOf(options)).some(({ batchId }) => batchId === "never-answers")) await oneTurn();
    end(client);
    for (const error of await Promise.all(pending)) assert.ok(isExtractaError(error, "CLOSED"), String(error));
    const seen = (await requestsOf(options)).length;
    await severalFloors();
    assert.equal((await requestsOf(options)).length, seen);
  });

  test(`after ${how} every call is refused with CLOSED`, async () => {
    const client = new ExtractaClient(fast());
    end(client);
    const batch = extraction("done");
    assert.ok(isExtractaError(await rejection(client.pollUntilDone(batch)), "CLOSED"));
    assert.ok(isExtractaError(await rejection(client.getBatchResults(batch)), "CLOSED"));
    assert.throws(() => client.watch(batch), { code: "CLOSED" });
  });

  test(`after ${how} closing again, in either way, is fine`, () => {
    const client = new ExtractaClient(fast());
    end(client);
    for (const again of Object.values(ENDS)) again(client);
  });
}

test("closing one client leaves another on the same lane alone", async () => {
  const options = fast();
  const [one, other] = [new ExtractaClient(options), new ExtractaClient(options)];
  const ended = rejection(one.pollUntilDone(extraction("forever")));
  const poll = other.pollUntilDone(extraction("waits-2"));
  one.close();
  assert.ok(isExtractaError(await ended, "CLOSED"));
  assert.equal((await poll).done, true);
});

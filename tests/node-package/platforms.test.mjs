// Platforms that lack something, or know more than others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { answering, extraction, fast, finished, newToken, NOWHERE, rejection } from "./standin.mjs";

const inProcess = (fetch, more) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch, ...more });

/** Runs a script that prints JSON in a Node of its own. */
async function printed(script, options) {
  const { code, stdout, stderr } = await runNode(script, options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What making a client comes to. */
const MAKES = `
  import { ExtractaClient, isExtractaError } from "extracta-wasm";
  import * as slim from "extracta-wasm/slim";
  import { readFileSync } from "node:fs";
  import { createRequire } from "node:module";
  const bytes = readFileSync(createRequire(process.cwd() + "/").resolve("extracta-wasm/extracta_wasm.wasm"));
  const told = (error) => [isExtractaError(error, "UNSUPPORTED"), error.message];
  const ends = [];
  try { new ExtractaClient(); } catch (error) { ends.push(told(error)); }
  await slim.init(bytes).catch((error) => ends.push(told(error)));
  console.log(JSON.stringify(ends));
`;

test("in a Node without WebAssembly every entry that needs it says UNSUPPORTED, and what to do", async () => {
  const ends = await printed(MAKES, { flags: ["--jitless", "--no-warnings"] });
  assert.equal(ends.length, 2);
  for (const [isUnsupported, message] of ends) {
    assert.ok(isUnsupported, message);
    assert.match(message, /no WebAssembly.*--jitless.*allow it/);
  }
});

test("entries that need no wasm work there", async () => {
  const { code, stderr } = await runNode(`
    import { originPacing } from "extracta-wasm/origin";
    import { fakeApi } from "extracta-wasm/testing";
    import { WebhookReceiver } from "extracta-wasm/webhooks";
    originPacing();
    fakeApi({});
    new WebhookReceiver({ secret: "s" });
  `, { flags: ["--jitless", "--no-warnings"] });
  assert.equal(code, 0, stderr);
});

test("so does one that may not compile, and one where the wasm does not start", async () => {
  const forbidden = (message) => `WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError(${JSON.stringify(message)}); } };`;
  const cases = {
    "Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script": /Content-Security-Policy: script-src 'wasm-unsafe-eval'/,
    "Wasm code generation disallowed by embedder": /Content-Security-Policy/,
    "out of memory": /WebAssembly does not start here: out of memory/,
  };
  for (const [message, reported] of Object.entries(cases)) {
    const [[isUnsupported, said]] = await printed(MAKES.replace("const told", `${forbidden(message)}\nconst told`));
    assert.ok(isUnsupported, said);
    assert.match(said, reported);
  }
  for (const edge of ['Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" } });', 'globalThis.EdgeRuntime = "vercel";']) {
    const [[isUnsupported, said]] = await printed(MAKES.replace("const told", `${edge}${forbidden("Wasm code generation disallowed by embedder")}\nconst told`));
    assert.ok(isUnsupported, said);
    assert.match(said, /@cloudflare\/vite-plugin.*experimental\.wasm/);
  }
});

test("without TextEncoder and TextDecoder, as in Jest's jsdom, every entry is imported and polls", async () => {
  const options = fast();
  const results = await printed(`
    await fetch("${options.baseUrl}"); // Node's own needs them when it is first called.
    for (const name of ["TextEncoder", "TextDecoder"]) delete globalThis[name];
    const { createRequire } = await import("node:module");
    const require = createRequire(process.cwd() + "/");
    const polled = [];
    for (const load of [(name) => import(name), async (name) => require(name)]) {
      for (const name of ["origin", "testing", "webhooks"]) await load("extracta-wasm/" + name);
      const { ExtractaClient } = await load("extracta-wasm");
      const slim = await load("extracta-wasm/slim");
      await slim.init(require("node:fs").readFileSync(require.resolve("extracta-wasm/extracta_wasm.wasm")));
      for (const Client of [ExtractaClient, slim.ExtractaClient]) {
        const client = new Client(${JSON.stringify(options)});
        const { done, files } = await client.pollUntilDone({ extractionId: "Größe 📄", batchId: "waits-1" });
        const error = await client.getBatchResults({ extractionId: "e", batchId: "Größe 📄" }).catch((error) => error);
        polled.push([done, files.length, error.batchId]);
      }
    }
    console.log(JSON.stringify(polled));
  `);
  assert.deepEqual(results, Array(4).fill([true, 3, "Größe 📄"]));
});

test("there a webhook receiver takes deliveries in as well", async () => {
  const { status, files } = await printed(`
    import { delivery, file, SECRET } from "./webhook-sender.mjs";
    const sent = delivery([file("f1", { fileName: "Größe 📄.pdf" })]);
    Response.json({}); // Node's own needs them when it is first called.
    for (const name of ["TextEncoder", "TextDecoder"]) delete globalThis[name];
    const { WebhookReceiver } = await import("extracta-wasm/webhooks");
    let files;
    const { status } = await new WebhookReceiver({ secret: SECRET }).handle(sent, ({ batches }) => ({ files } = batches[0]));
    console.log(JSON.stringify({ status, files }));
  `);
  assert.equal(status, 200);
  assert.equal(files[0].fileName, "Größe 📄.pdf");
});

test("requests say no-store where the platform's Request knows it, and only there", async () => {
  const sent = [];
  const fetch = async (_, init) => (sent.push(init), Response.json({ files: [] }));
  const client = inProcess(fetch);
  await client.getBatchResults(extraction("b"));
  const { Request } = globalThis;
  try {
    globalThis.Request = class {};
    await client.getBatchResults(extraction("b"));
    delete globalThis.Request;
    await client.getBatchResults(extraction("b"));
  } finally {
    globalThis.Request = Request;
  }
  assert.deepEqual(sent.map((init) => ["cache" in init, init.cache]), [[true, "no-store"], [false, undefined], [false, undefined]]);
});

/** As polyfills have it: without `reason`. */
class OldSignal extends EventTarget {
  aborted = false;

  abort() {
    this.aborted = true;
    this.dispatchEvent(new Event("abort"));
  }
}

test("a signal without a reason gives an AbortError, however late it is aborted", async () => {
  const client = inProcess(answering((ids) => ({ ...ids, status: "waiting" })));
  const before = new OldSignal();
  before.abort();
  const during = new OldSignal();
  const ends = [
    client.getBatchResults(extraction("b"), { signal: before }),
    client.pollUntilDone(extraction("b"), { signal: during }),
    client.watch(extraction("b"), { signal: during }).result,
    client.pollMany([extraction("b")], { signal: during }).next(),
  ].map(rejection);
  await new Promise((resolve) => setTimeout(resolve, 20));
  during.abort();
  for (const error of await Promise.all(ends)) {
    assert.ok(error instanceof Error);
    assert.equal(error.name, "AbortError");
  }
});

test("so does cancelling where the platform's own signals have no reason", async () => {
  const { AbortController: Platform } = globalThis;
  globalThis.AbortController = class extends Platform {
    get signal() {
      return new Proxy(super.signal, { get: (target, name) => (name === "reason" ? undefined : Reflect.get(target, name)) });
    }
  };
  try {
    const watch = inProcess(answering(finished)).watch(extraction("b"), { initialDelayMs: 60_000 });
    watch.cancel();
    const error = await rejection(watch.result);
    assert.ok(error instanceof Error);
    assert.equal(error.name, "AbortError");
  } finally {
    globalThis.AbortController = Platform;
  }
});

test("without an AbortController, everything that can be had is", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    delete globalThis.AbortController;
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", fetch: async () => Response.json({ files: [] }) });
    const error = await client.getBatchResults({ extractionId: "e", batchId: "b" }).catch((error) => error);
    console.log(error.name, error.code);
  `);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ExtractaError /);
});

// Everything that must not be logged is planted wherever it can be, each as a text of its own, and searched for in everything
// that comes out but the results themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient, ExtractaError } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { extraction, NOWHERE, rejection } from "./standin.mjs";

let planted = 0;
/** A text that is nowhere else. */
const canary = (where) => `CANARY-${where}-${(planted += 1)}-yraNac`;

const TOKEN = canary("token");
const SECRETS = {
  token: TOKEN,
  header: canary("header"),
  templateId: canary("templateId"),
  fileIdRequested: canary("fileIdRequested"),
  fileId: canary("fileId"),
  fileName: canary("fileName"),
  field: canary("field"),
  value: canary("value"),
  url: `https://storage.example/${canary("url")}`,
  fileError: canary("fileError"),
  member: canary("member"),
  page: canary("page"),
  cookie: canary("cookie"),
  headerOfTheAnswer: canary("headerOfTheAnswer"),
};

const FILE = {
  fileId: SECRETS.fileId,
  fileName: SECRETS.fileName,
  url: SECRETS.url,
  error: SECRETS.fileError,
  result: { [SECRETS.field]: SECRETS.value },
};
// No pause after a 429: all share a lane, and how pauses are kept is another test's business.
const HEADERS = { "retry-after": "0", "set-cookie": `session=${SECRETS.cookie}`, "x-request": SECRETS.headerOfTheAnswer };
const json = (body, status = 200) => Response.json({ [SECRETS.member]: SECRETS.member, ...body }, { status, headers: HEADERS });
const files = (status) => ({ files: [{ ...FILE, status }] });

/** How an attempt may end, every secret at hand. */
const ENDS = {
  "200 with an error that repeats the token": () => json({ error: `no such key: ${TOKEN}` }),
  "200 with an error in an object": () => json({ error: { message: `no such key: ${TOKEN}`, ...FILE } }),
  "200 with an error that is a list": () => json({ error: [SECRETS.value] }),
  "200 with a status of error": () => json({ status: "error", message: `Bearer ${TOKEN} is bad`, ...files("failed") }),
  "200 with a status that is not known": () => json(files(SECRETS.value)),
  "200 with a status that is no text": () => json({ status: [SECRETS.value], ...files("processed") }),
  "200 with files that are text": () => json({ files: SECRETS.value }),
  "200 with a file that is text": () => json({ files: [{ ...FILE, status: "processed" }, SECRETS.value] }),
  "200 with a page": () => new Response(`<p>${SECRETS.page}`, { headers: HEADERS }),
  "200 with JSON cut short": () => new Response(`{"files":[{"result":"${SECRETS.value}`, { headers: HEADERS }),
  "a redirect": () => new Response(null, { status: 302, headers: { location: `/${SECRETS.page}?key=${TOKEN}` } }),
  ...Object.fromEntries(
    [400, 401, 403, 404, 408, 422, 429, 500, 501, 503].flatMap((status) => [
      [`${status} that repeats the token`, () => json({ error: `Bearer ${TOKEN}`, ...files("failed") }, status)],
      [`${status} with a page`, () => new Response(`<p>${SECRETS.page} ${TOKEN}`, { status, headers: HEADERS })],
    ]),
  ),
  "a rejection that carries the request": ({ headers, body }) => {
    const error = new TypeError(`could not send ${headers.authorization}`, { cause: { headers: Object.entries(headers), body } });
    throw Object.assign(error, { headers: Object.entries(headers), body, request: { headers: Object.entries(headers) } });
  },
  "a rejection with a code that is the token": () => {
    throw Object.assign(new TypeError("failed"), { code: `E_${TOKEN}`, name: `Error of ${TOKEN}` });
  },
  "a body that breaks off with the token": () =>
    Object.assign(new Response(null, { headers: HEADERS }), { json: () => Promise.reject(new TypeError(`terminated: ${TOKEN}`)) }),
  "no answer": () => new Promise(() => {}),
};

/** Everything that a log may get to see of a value. */
function loggable(value) {
  const seen = [`${value}`, JSON.stringify(value), inspect(value, { depth: null, showHidden: true, getters: true, maxStringLength: null })];
  if (value instanceof Error) seen.push(value.message, value.stack, JSON.stringify({ ...value }), loggable(value.cause));
  return seen.join("\n");
}

function assertNoCanary(text, allowed = []) {
  for (const [where, secret] of Object.entries(SECRETS)) {
    if (!allowed.includes(where)) assert.ok(!text.includes(secret), `the ${where} is in:\n${text}`);
  }
}

/** What is reported besides results: events, progress without its files, the client and the watch as they are inspected. */
async function pollToItsEnd(end, requestTimeoutMs = 30) {
  const reported = [];
  const client = new ExtractaClient({
    baseUrl: NOWHERE,
    token: TOKEN,
    headers: { "x-proxy-key": SECRETS.header, cookie: `session=${SECRETS.cookie}` },
    minIntervalMs: 0,
    requestTimeoutMs,
    onEvent: (event) => reported.push(event),
    fetch: async (_url, init) => end(init),
  });
  const batch = { extractionId: SECRETS.templateId, batchId: "b", fileId: SECRETS.fileIdRequested };
  const onProgress = ({ results: _, newFiles: __, ...rest }) => reported.push(rest);
  // A 429 ends no poll before its deadline.
  const watch = client.watch(batch, { maxRetries: 0, timeoutMs: 1_000, onUnknownStatus: "throw", onProgress });
  const error = await rejection(watch.result);
  return { error, reported: [loggable(error), ...reported.map(loggable), loggable(client), loggable(watch)].join("\n") };
}

for (const [how, end] of Object.entries(ENDS)) {
  test(`nothing leaks of ${how}`, async () => {
    const { error, reported } = await pollToItsEnd(end);
    assert.ok(error instanceof ExtractaError, String(error));
    // Errors and events say which batch they are of; messages, which are shown to users, name no more than the batch's own id.
    assertNoCanary(reported, ["templateId", "fileIdRequested"]);
    assertNoCanary(error.message);
  });
}

test("an answer that is well, and a callback that throws, leak nothing", async () => {
  const reported = [];
  const fetch = async () => json(files("processed"));
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: TOKEN, minIntervalMs: 0, onEvent: (event) => reported.push(event), fetch });
  const results = await client.pollUntilDone(extraction("b"), { onProgress: ({ results: _, newFiles: __, ...rest }) => reported.push(rest) });
  assert.ok(loggable(results).includes(SECRETS.value), "results are the one place for it");
  assertNoCanary(reported.map(loggable).join("\n"));
});

test("the server's words are passed on, cut to 200 characters, without the token even across the cut", async () => {
  for (const before of [0, 150, 180, 190, 195, 199, 200, 205]) {
    const { error, reported } = await pollToItsEnd(() => json({ error: `${"x".repeat(before)}${TOKEN}${TOKEN} ${"y".repeat(400)}` }, 403), 60_000);
    assert.ok(error.cause === undefined && error.serverMessage.length <= 200, error.serverMessage);
    assert.ok(error.serverMessage.startsWith("x".repeat(Math.min(before, 200))));
    // Not a piece of it either; the ids have pieces in common with it.
    const said = reported.replaceAll(SECRETS.templateId, "").replaceAll(SECRETS.fileIdRequested, "");
    for (let length = 8; length < TOKEN.length; length += 1) assert.ok(!said.includes(TOKEN.slice(0, length)), `${length} characters of the token, after ${before}`);
  }
});

test("ids that are refused, and every option, are not repeated in what refuses them", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: TOKEN });
  for (const batch of [{ extractionId: [SECRETS.templateId], batchId: "b" }, { extractionId: "e", classificationId: SECRETS.templateId, batchId: "b" }]) {
    assertNoCanary(loggable(await rejection(client.getBatchResults(batch))));
  }
  for (const options of [
    { token: `${TOKEN} ` },
    { token: [TOKEN] },
    { baseUrl: `https://user:${TOKEN}@proxy.example` },
    { baseUrl: `https://proxy.example/?key=${TOKEN}` },
    { token: TOKEN, headers: { authorization: SECRETS.header } },
    { headers: { "x-proxy-key": `${SECRETS.header}\n!` } },
    { headers: { [`${SECRETS.header} `]: "x" } },
    { onEvent: TOKEN },
    { requestTimeoutMs: TOKEN },
  ]) {
    let refused;
    try {
      new ExtractaClient(options);
    } catch (error) {
      refused = error;
    }
    assert.ok(refused instanceof ExtractaError, inspect(options));
    // Its stack shows this very file, whose lines name no canary's text.
    assertNoCanary(loggable(refused));
  }
  // Taken for a path until a page is looked for.
  assertNoCanary(loggable(await rejection(new ExtractaClient({ baseUrl: TOKEN }).getBatchResults(extraction("b")))));
});

test("a process prints nothing by itself, whatever happens", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const fetches = [
      async () => Response.json({ error: "${TOKEN}" }, { status: 500 }),
      async () => new Response("<p>${SECRETS.page}"),
      async () => { throw new TypeError("${TOKEN}"); },
      async () => Response.json({ files: [{ status: "processed", result: "${SECRETS.value}" }] }),
    ];
    for (const fetch of fetches) {
      const client = new ExtractaClient({ baseUrl: "${NOWHERE}", token: "${TOKEN}", minIntervalMs: 0, fetch, onEvent() { throw new Error("${SECRETS.value}"); } });
      const watch = client.watch({ extractionId: "e", batchId: "b" }, { maxRetries: 1 });
      await Promise.allSettled([watch.result]);
      client.close();
    }
  `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

// The stack of an error shows who made the call, however its end is awaited.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { answering, extraction, finished, newToken, NOWHERE, rejection } from "./standin.mjs";

const notFound = async () => Response.json({}, { status: 404 });
const inProcess = (fetch = notFound) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch });
const batch = extraction("b");

/** The first line below the message, and whether it is of the function of that name in this file. */
function assertCalledIn(error, name) {
  assert.ok(isExtractaError(error), String(error));
  const [first, second = ""] = error.stack.split("\n");
  assert.equal(first, `ExtractaError: ${error.message}`);
  assert.match(second, new RegExp(`^ +at (async )?${name} .*stacks\\.test\\.mjs:\\d+:\\d+`), error.stack);
  assert.doesNotMatch(error.stack, /wasm|extracta-wasm\/dist/);
}

/** The same promise, awaited by code that no stack knows. */
const byThen = (promise) => new Promise((resolve, reject) => promise.then(() => reject(new Error("it ended well")), resolve));

test("of a promise that is awaited, later than it was made, or handed to then", async () => {
  const client = inProcess();
  function madeHere(call) {
    return call();
  }
  const calls = [
    () => client.pollUntilDone(batch),
    () => client.getBatchResults(batch),
    () => client.getClassificationResults({ classificationId: "c", batchId: "b" }),
    () => client.getBatchResults({}),
    () => client.pollUntilDone(batch, { timeout: 5 }),
  ];
  for (const call of calls) {
    const line = (error) => assert.match(error.stack.split("\n")[2], /at madeHere /, error.stack);
    line(await byThen(madeHere(call)));
    line(await rejection(madeHere(call)));
    const promise = madeHere(call);
    promise.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    line(await rejection(promise));
  }
});

test("of a chain of then, and of Promise.all", async () => {
  const client = inProcess();
  const chained = function chainedHere() {
    return client.pollUntilDone(batch).then(() => "well").finally(() => {});
  };
  assertCalledIn(await byThen(chained()), "chainedHere");
  const together = function togetherHere() {
    return Promise.all([client.pollUntilDone(batch)]);
  };
  assertCalledIn(await byThen(together()), "togetherHere");
});

test("of a watch: its result, and its loop, which have the same error", async () => {
  const client = inProcess();
  function watchHere() {
    return client.watch(batch);
  }
  assertCalledIn(await byThen(watchHere().result), "watchHere");
  const watch = watchHere();
  const loop = async () => {
    for await (const _ of watch);
  };
  const error = await rejection(loop());
  assertCalledIn(error, "watchHere");
  assert.equal(await rejection(watch.result), error);
});

test("of a poll that was resumed, and of many", async () => {
  const snapshot = inProcess().watch(batch).snapshot();
  const client = inProcess();
  function resumeHere() {
    return client.resume(snapshot);
  }
  assertCalledIn(await byThen(resumeHere().result), "resumeHere");
  function manyHere(jobs, options) {
    return client.pollMany(jobs, options);
  }
  const many = manyHere([batch, batch]);
  assert.equal(many[Symbol.asyncIterator](), many);
  for await (const { error } of many) assertCalledIn(error, "manyHere");
  assertCalledIn((await byThen(manyHere(5).next())), "manyHere");
});

test("of a call that throws at once", () => {
  const client = inProcess();
  for (const call of [() => client.watch({}), () => client.resume("{}"), () => new ExtractaClient({ apiKey: "k" })]) {
    function thrownHere() {
      try {
        return call();
      } catch (error) {
        return error;
      }
    }
    const error = thrownHere();
    assert.match(error.stack.split("\n")[2], /at thrownHere /, error.stack);
  }
});

test("of an error that the caller's function threw is left as it is", async () => {
  const mine = new Error("mine");
  const { stack } = mine;
  const onProgress = () => {
    throw mine;
  };
  const client = inProcess(answering(finished));
  assert.equal(await byThen(client.pollUntilDone(batch, { onProgress })), mine);
  assert.equal(await byThen(client.watch(batch, { onProgress }).result), mine);
  for await (const { error } of client.pollMany([batch], { onProgress })) assert.equal(error, mine);
  assert.equal(mine.stack, stack);
});

test("is made by whoever changed how stacks are made, and one that is no text is left out", async () => {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    const error = await rejection(inProcess().pollUntilDone(batch));
    assert.ok(isExtractaError(error, "NOT_FOUND"));
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
});

test("an error that nobody catches ends the process, and what that prints shows the caller's line", async () => {
  const { code, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const fetch = async () => Response.json({}, { status: 404 });
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", fetch });
    function calledHere() {
      client.pollUntilDone({ extractionId: "e", batchId: "b" });
    }
    calledHere();
  `);
  assert.equal(code, 1);
  assert.match(stderr, /ExtractaError\]?: getBatchResults: Nothing was found at this address\. .*\n +at calledHere /);
});

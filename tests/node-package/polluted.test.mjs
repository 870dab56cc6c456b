// What a script of a page adds to `Object.prototype` is nobody's option, id or reply: each by its name, and all at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { originPacing } from "extracta-wasm/origin";
import { createProxy } from "extracta-wasm/proxy";
import { redisPacing } from "extracta-wasm/redis";
import { WebhookReceiver, verifyDelivery, verifyWebhook } from "extracta-wasm/webhooks";
import { createHmac } from "node:crypto";
import { NOWHERE, newToken, rejection } from "./standin.mjs";
import { delivery, file, SECRET } from "./webhook-sender.mjs";

/** With these members on every object. */
async function polluted(members, run) {
  for (const [name, value] of Object.entries(members)) Object.prototype[name] = value;
  try {
    return await run();
  } finally {
    for (const name of Object.keys(members)) delete Object.prototype[name];
  }
}

/** That `run` gives the same whatever of `members` is on all objects, and something else where it is an option's own. */
function assertNoEffect(what, members, run) {
  for (const one of [...Object.keys(members).map((name) => ({ [name]: members[name] })), members]) {
    test(`${what}: ${Object.keys(one).join(", ")} on every object has no effect`, async () => {
      assert.deepEqual(await polluted(one, () => run({})), await run({}));
    });
  }
  for (const name of Object.keys(members)) {
    test(`${what}: ${name} of its own has one`, async () => {
      let given;
      try {
        given = await run({ [name]: members[name] });
      } catch (error) {
        given = error;
      }
      assert.notDeepEqual(given, await run({}));
    });
  }
}

/** What happened to a promise or a call, as plain data. */
async function outcomeOf(call) {
  try {
    return { value: JSON.parse(JSON.stringify((await call()) ?? null)) };
  } catch (error) {
    return { code: error.code ?? error.name, option: error.option, message: error.message };
  }
}

/** What of a snapshot is the same each time. */
const planOf = (snapshot) => {
  const { savedAt: _, elapsedMs: __, dueInMs: ___, laneOpensInMs: ____, ...plan } = JSON.parse(snapshot);
  return plan;
};

/** Made without options, which the platform would look for on all objects too. */
const answer = (body) => ({ ok: true, status: 200, headers: new Headers([["content-type", "application/json"]]), json: async () => JSON.parse(JSON.stringify(body)) });

const FILE = { fileId: "f", status: "processed", result: {} };
const reply = { extractionId: "e", batchId: "b", files: [FILE] };
let lanes = 0;

{
  let calls = [];
  const called = (name, value) => () => {
    calls.push(name);
    return value;
  };
  const answering = (name) => async (url, { headers, body }) => {
    calls.push([name, new URL(url).pathname.replace(/\/\d+\//, "/"), new URL(url).host, { ...headers }, body]);
    return answer(reply);
  };
  const hostile = {
    token: "polluted",
    baseUrl: "https://elsewhere.example/",
    fetch: answering("theirs"),
    headers: { "x-polluted": "1" },
    requestTimeoutMs: 7_000,
    minIntervalMs: 7_000,
    sharePacing: { reserve: called("reserve", 0), hold: called("hold") },
    onEvent: called("onEvent"),
  };
  assertNoEffect("options of a client", hostile, async (own) => {
    const { fetch } = globalThis;
    calls = [];
    globalThis.fetch = answering("ours");
    // A lane of its own, so that nothing waits for the floor, which is the default.
    const client = new ExtractaClient({ baseUrl: `https://proxy.example/${(lanes += 1)}/api`, ...own });
    try {
      const watch = client.watch({ extractionId: "e", batchId: "b" });
      const plan = planOf(watch.snapshot());
      const outcome = await outcomeOf(() => watch.result);
      return { outcome, plan, calls, gaps: client.lanes().map(({ gapMs }) => gapMs) };
    } finally {
      client.close();
      globalThis.fetch = fetch;
    }
  });
}

test("options of a client: baseUrl and token on every object have no effect where there are no options at all", async () => {
  const urls = [];
  const { fetch } = globalThis;
  globalThis.fetch = async (url, { headers }) => (urls.push([url, headers.authorization]), answer(reply));
  try {
    await polluted({ baseUrl: "https://elsewhere.example/", token: "polluted" }, async () => {
      for (const args of [[], [undefined], [{}], [Object.create(null)], [new (class Options {})()]]) {
        const client = new ExtractaClient(...args);
        const call = client.getBatchResults({ extractionId: "e", batchId: "b" });
        if (urls.length === 0) await call;
        else call.catch(() => {});
        client.close();
      }
    });
  } finally {
    globalThis.fetch = fetch;
  }
  assert.deepEqual(urls, [["https://api.extracta.ai/api/v1/getBatchResults", undefined]]);
});

test("options of a client: allowTokenInBrowser on every object allows nothing", async () => {
  globalThis.window = globalThis;
  globalThis.document = {};
  try {
    await polluted({ allowTokenInBrowser: true }, () => assert.throws(() => new ExtractaClient({ token: newToken() }), { code: "BROWSER_TOKEN" }));
  } finally {
    for (const name of ["window", "document"]) delete globalThis[name];
  }
});

const fetching = (body = reply) => async (_url, { body: requested }) => answer({ ...body, requested: JSON.parse(requested) });
const inProcess = (more) => new ExtractaClient({ baseUrl: "https://proxy.example/api", token: newToken(), minIntervalMs: 0, fetch: fetching(), ...more });

{
  let calls = [];
  const hostile = {
    signal: AbortSignal.abort("polluted"),
    requestTimeoutMs: 7_000,
    timeoutMs: 7_000,
    intervalMs: 7_000,
    initialDelayMs: 2_000,
    maxRetries: 1,
    onUnknownStatus: "throw",
    expectedFiles: 7,
    priority: 7,
    onProgress: () => void calls.push("onProgress"),
    followExtractions: "neither true nor false",
  };
  assertNoEffect("options of a poll", hostile, async (own) => {
    calls = [];
    const client = inProcess({ fetch: fetching({ files: [FILE, { fileId: "g", status: "processed", extraction: { extractionId: "x", batchId: "y" } }] }) });
    const waits = [];
    const batch = { classificationId: "c", batchId: "b" };
    const watch = client.watch(batch, own);
    const plan = planOf(watch.snapshot());
    const delayed = JSON.parse(watch.snapshot()).dueInMs > 1;
    const outcomes = [await outcomeOf(() => watch.result), await outcomeOf(() => client.resume(watch.snapshot(), own).result)];
    const many = await outcomeOf(async () => {
      const settled = [];
      for await (const { results, error } of client.pollMany([batch], own)) settled.push(results ?? error);
      return settled;
    });
    return { plan, delayed, outcomes, many, calls, waits };
  });
}

assertNoEffect("options of a single request", { signal: AbortSignal.abort("polluted"), requestTimeoutMs: -1 }, (own) => {
  return outcomeOf(() => inProcess().getBatchResults({ extractionId: "e", batchId: "b" }, own));
});

assertNoEffect("the batch of a snapshot", { batch: { extractionId: "other", batchId: "b" } }, (own) => {
  const client = inProcess();
  const snapshot = client.watch({ extractionId: "e", batchId: "b" }).snapshot();
  return outcomeOf(() => client.resume(snapshot, own).result);
});

assertNoEffect("ids and hints of a batch", { classificationId: "c", fileId: "f", snapshot: "{}", expectedFiles: -1, priority: -1 }, async (own) => {
  const batch = { extractionId: "e", batchId: "b", ...own };
  const settled = [];
  const many = await outcomeOf(async () => {
    for await (const { results, error } of inProcess().pollMany([batch])) settled.push(results ?? { code: error.code, option: error.option });
    return settled;
  });
  return { many, poll: await outcomeOf(() => inProcess().pollUntilDone(batch)) };
});

test("ids that are missing are missing, whatever all objects have", async () => {
  await polluted({ extractionId: "e", batchId: "b" }, async () => {
    assert.equal((await rejection(inProcess().pollUntilDone({ batchId: "b" }))).option, "batch");
    assert.equal((await rejection(inProcess().pollUntilDone({ extractionId: "e" }))).option, "batchId");
  });
});

assertNoEffect("members of a reply", { status: "error", error: "polluted", extraction: { extractionId: "x", batchId: "y" } }, (own) => {
  const client = inProcess({ fetch: fetching({ files: [FILE], ...own }) });
  return outcomeOf(() => client.pollUntilDone({ classificationId: "c", batchId: "b" }, { maxRetries: 0, followExtractions: true }));
});

test("files that a reply lacks, and the status of a file, are not those of all objects", async () => {
  await polluted({ files: [FILE], status: "processed" }, async () => {
    const empty = inProcess({ fetch: async () => answer({ extractionId: "e" }) });
    assert.equal((await empty.getBatchResults({ extractionId: "e", batchId: "b" })).done, false);
    const without = inProcess({ fetch: async () => answer({ files: [{ fileId: "f" }] }) });
    assert.equal((await without.getBatchResults({ extractionId: "e", batchId: "b" })).done, false);
  });
});

{
  const sent = delivery([file("f")]);
  const rewritten = { ...sent, body: sent.body.replace('"result":[{', '"result":[ {') };
  const hostile = { maxBodyBytes: 1, acceptRewritten: true, seen: { has: () => true, add() {} } };
  const withoutTime = ({ event, duplicate }) => ({ event, duplicate });
  assertNoEffect("options of a receiver", hostile, async (own) => {
    const options = { secret: SECRET, ...own };
    return {
      verified: await outcomeOf(() => verifyWebhook(sent, options)),
      rewritten: await outcomeOf(() => verifyWebhook(rewritten, options)),
      received: await outcomeOf(async () => withoutTime(await new WebhookReceiver(options).receive(sent))),
    };
  });

  test("options of a receiver: a secret on every object is none", async () => {
    await polluted({ secret: SECRET }, async () => {
      for (const options of [undefined, {}]) {
        assert.throws(() => new WebhookReceiver(options), { code: "INVALID_OPTION" });
        await assert.rejects(verifyWebhook(sent, options), { code: "INVALID_OPTION" });
      }
    });
  });

  assertNoEffect("what is handed over", { headers: {}, body: "{}", bodyUsed: true }, (own) => outcomeOf(() => verifyWebhook({ ...sent, ...own }, { secret: SECRET })));

  test("what is handed over: members on every object are none of a body alone, of headers alone, or of an entry", async () => {
    await polluted({ headers: sent.headers, body: sent.body, extractionId: "e", batchId: "b", status: "s" }, async () => {
      await assert.rejects(verifyWebhook({ body: sent.body }, { secret: SECRET }), { code: "INVALID_OPTION" });
      await assert.rejects(verifyWebhook({ headers: sent.headers }, { secret: SECRET }), { code: "INVALID_OPTION" });
      await assert.rejects(verifyWebhook(delivery([{ fileId: "f" }]), { secret: SECRET }), { code: "MALFORMED" });
      const watch = { nudge() {}, result: Promise.resolve() };
      assert.throws(() => new WebhookReceiver({ secret: SECRET }).follow(watch, {}), { code: "INVALID_OPTION" });
    });
  });

  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const signed = (secondsAgo) => {
    const [id, timestamp, body] = ["id", String(Math.floor(Date.now() / 1_000) - secondsAgo), '{"a":1}'];
    const signature = createHmac("sha256", Buffer.alloc(32, 7)).update(`${id}.${timestamp}.${body}`).digest("base64");
    return { headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` }, body };
  };
  assertNoEffect("options of verifyDelivery", { toleranceMs: 1_000, maxBodyBytes: 1 }, (own) => outcomeOf(() => verifyDelivery(signed(100), secret, own)));
}

{
  let reported = [];
  assertNoEffect("options of originPacing", { onFallback: () => reported.push("fallback") }, async (own) => {
    reported = [];
    // Node has no IndexedDB.
    const pacing = originPacing(own);
    const client = inProcess({ sharePacing: pacing });
    const outcome = await outcomeOf(() => client.pollUntilDone({ extractionId: "e", batchId: "b" }));
    return { outcome, reported };
  });

  test("options of a proxy and of redisPacing are their own", async () => {
    const ask = () => createProxy({ token: "t", baseUrl: NOWHERE })(new Request("https://app.example/uploadFiles", { method: "POST", headers: { "sec-fetch-site": "same-origin" } }));
    assert.equal((await polluted({ uploads: true }, ask)).status, 404);
    const keys = [];
    const reserve = () => redisPacing({ eval: async (_, [key]) => (keys.push(key), 0) }).reserve({ lane: "l", member: "m", gapMs: 5 });
    await polluted({ prefix: "theirs:" }, reserve);
    assert.deepEqual(keys, ["extracta-wasm:l"]);
  });

  test("options of originPacing: its callers' requests are read by their own members", async () => {
    const ask = () => originPacing().reserve({ lane: "l", member: "m", gapMs: 5 });
    const usual = await ask();
    assert.equal(await polluted({ closedForMs: 1e9, gapMs: 1e9 }, ask), usual);
  });
}

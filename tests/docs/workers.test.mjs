// The Workers of README.md and docs, in workerd: each answers as its page says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { buffer } from "node:stream/consumers";
import { blocksOf } from "../../xtask/snippets.mjs";
import { expect } from "../../xtask/expect.mjs";
import { skipOrThrow } from "../consumers/runner/missing.mjs";
import { requestsOf } from "../consumers/runner/poll.mjs";
import { standin } from "../consumers/runner/standin.mjs";
import { delivery, file, post } from "../node-package/webhook-sender.mjs";
import { appOf, pages } from "./runner/app.mjs";
import { startWorker } from "./runner/workerd.mjs";

// Not a limit on how fast anything is: only so that what never ends fails its test instead of hanging it.
const HUNG_MS = 300_000;

const all = await pages();

const made = new Map();

/** The blocks of a page and their app, one for all tests of the page. */
function appOfPage(name) {
  const page = all.find((one) => one.name === name);
  const make = async () => {
    const blocks = await blocksOf(page.path);
    return { blocks, app: await appOf(page, blocks, "-workers") };
  };
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

/** The app of a page, and the file of the block that is as wanted. */
async function scriptOf(t, name, isWanted) {
  const { blocks, app } = await appOfPage(name);
  return { app: await app.ready(t), file: app.fileOf(blocks.find(({ options }) => isWanted(options))) };
}

const isWorker = ({ run }) => run === "worker";
const isFile = (name) => ({ file }) => file === name;

function inWorkerd(name, body) {
  test(name, { timeout: HUNG_MS }, async (t) => {
    try {
      await body(t);
    } catch (error) {
      skipOrThrow(t, error);
    }
  });
}

/** Whatever a Worker sends elsewhere, until the test ends. */
async function receiver(t) {
  const arrived = [];
  const server = createServer(async (request, response) => {
    arrived.push({ path: request.url, headers: request.headers, body: await buffer(request) });
    response.writeHead(200).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, arrived };
}

const smallestGapsOf = async (token) => (await fetch(`${standin}/_standin/gaps?token=${encodeURIComponent(token)}`)).json();

/** The stand-in saw these requests to the endpoint with the key, and none came too soon. */
async function assertPaced(token, endpoint, least) {
  const { count, violations } = (await smallestGapsOf(token))[endpoint];
  assert.ok(count >= least, `${count} requests`);
  assert.equal(violations, 0);
}

/** The Workflow that the page's function is for, and a route that starts it and shows what became of it. */
const FLOW = `
import { WorkflowEntrypoint } from "cloudflare:workers";
import { waitForBatch } from "./workflow.ts";
export { Lane, Polls } from "./durable.ts";

export class Flow extends WorkflowEntrypoint {
  run(event, step) {
    return waitForBatch(step, event.payload.batchId, this.env);
  }
}

export default {
  async fetch(request, env) {
    const id = new URL(request.url).searchParams.get("id");
    if (!id) return Response.json({ id: (await env.FLOW.create({ params: { batchId: "march" } })).id });
    const status = await (await env.FLOW.get(id)).status();
    const { objects } = await env.RESULTS.list();
    const stored = await Promise.all(objects.map(async ({ key }) => (await env.RESULTS.get(key)).text()));
    return Response.json({ ...status, stored });
  },
};
`;

await describe("Workers of the documentation", { concurrency: 2 }, () => {
  inWorkerd("README.md: the Worker answers with the types of the documents", async (t) => {
    const { url, token } = await startWorker(t, await scriptOf(t, "README.md", isWorker));
    const types = await (await fetch(url)).json();
    assert.ok(types.length > 0 && types.every((type) => typeof type === "string" && type !== "waiting"), JSON.stringify(types));
    await assertPaced(token, "/documentClassification/getResults", 2);
  });

  inWorkerd("docs/webhooks.md: a signed delivery is received once, a forged one is refused", async (t) => {
    const { url, worker } = await startWorker(t, await scriptOf(t, "docs/webhooks.md", isWorker));
    const sent = delivery([file("one", { extractionId: "invoices", batchId: "march" })], { secret: "secret" });
    const answerTo = async (what) => {
      const response = await post(url, what);
      return [response.status, (await response.json()).duplicate];
    };
    assert.deepEqual(await answerTo({ ...sent, body: sent.body.replace("12.50", "99.99") }), [401, undefined]);
    assert.deepEqual(await answerTo(sent), [200, false]);
    assert.deepEqual(await answerTo(sent), [200, true]);
    await worker.until(/extraction\.processed march 1/);
  });

  inWorkerd("docs/recipes/sse.md: progress comes as events, and the results last", async (t) => {
    const { url } = await startWorker(t, await scriptOf(t, "docs/recipes/sse.md", isWorker));
    const response = await fetch(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const events = (await response.text()).trim().split("\n\n").map((event) => /^event: (\w+)\ndata: (.*)$/s.exec(event).slice(1));
    assert.deepEqual([events[0][0], events.at(-1)[0]], ["progress", "done"]);
    assert.ok(JSON.parse(events.at(-1)[1]).files.every(({ status }) => status === "processed"));
  });

  inWorkerd("docs/proxy.md: pages of its own origin get results, at the account's pace; others get 403", async (t) => {
    const { url, token } = await startWorker(t, await scriptOf(t, "docs/proxy.md", isFile("worker.js")));
    const ask = (batchId, site = "same-origin") =>
      fetch(`${url}/api/extracta/getBatchResults`, {
        method: "POST",
        headers: { "content-type": "application/json", "sec-fetch-site": site },
        body: JSON.stringify({ extractionId: "-OExampleTemplate", batchId }),
      });
    assert.equal((await ask("march", "cross-site")).status, 403);
    assert.deepEqual(await requestsOf(token), []);
    const answers = await Promise.all(["march", "april"].map((batchId) => ask(batchId)));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
    assert.ok(answers.every(({ headers }) => headers.has("extracta-state")));
    assert.deepEqual(await Promise.all(answers.map(async (answer) => (await answer.json()).batchId)), ["march", "april"]);
    await assertPaced(token, "/getBatchResults", 2);
  });

  inWorkerd("docs/cloudflare.md: a request starts a durable poll and returns, and its results are delivered", async (t) => {
    const { url: elsewhere, arrived } = await receiver(t);
    const bindings = { CALLBACK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}` };
    const { url, token } = await startWorker(t, { ...(await scriptOf(t, "docs/cloudflare.md", isFile("durable.ts"))), bindings, elsewhere });
    const { id, status } = await (await fetch(url)).json();
    assert.deepEqual([status.id, status.batch.batchId], [id, "example"]);
    assert.ok(["polling", "delivering"].includes(status.state), status.state);
    // At least once: a delivery whose answer is late is repeated.
    await expect.poll(() => arrived.length, { message: "deliveries", intervals: [50] }).toBeGreaterThanOrEqual(1);
    const [{ path, headers, body }] = arrived;
    const delivered = JSON.parse(body);
    assert.deepEqual([path, headers["webhook-id"], delivered.id, delivered.batch.batchId, delivered.results.done], ["/finished", id, id, "example", true]);
    await assertPaced(token, "/getBatchResults", 2);
  });

  inWorkerd("docs/cloudflare.md: a Workflow waits for a batch and stores its results", async (t) => {
    const { app } = await scriptOf(t, "docs/cloudflare.md", isFile("workflow.ts"));
    await writeFile(join(app, "flow.ts"), FLOW);
    const { url, token } = await startWorker(t, { app, file: "flow.ts", workflows: { FLOW: "Flow" }, buckets: ["RESULTS"] });
    const { id } = await (await fetch(url)).json();
    let state;
    const isOver = async () => ["complete", "errored"].includes((state = await (await fetch(`${url}/?id=${id}`)).json()).status);
    await expect.poll(isOver, { message: "the end of the Workflow", intervals: [100] }).toBe(true);
    assert.equal(state.status, "complete", JSON.stringify(state));
    assert.equal(state.output.pending, 0);
    assert.equal(state.stored.length, 1);
    assert.equal(JSON.parse(state.stored[0]).files.length, state.output.total);
    await assertPaced(token, "/getBatchResults", 2);
  });
});

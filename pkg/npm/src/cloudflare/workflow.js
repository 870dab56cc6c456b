// The same poll in a Workflow: a step for each request, sleeps between them.
import { ExtractaClient, ExtractaError, isExtractaError } from "extracta-wasm";
import { bare } from "../own.js";
import { Run } from "./run.js";
import { startOf } from "./start.js";
import { wordsOf } from "./words.js";

// A Workflow has a limited number of steps, and each request is one; sleeps are not counted.
const INTERVAL_MS = 10_000;

// For what `deliver` throws, and for steps that are cut off.
const RETRIES = { retries: { limit: 10, delay: 5_000, backoff: "exponential" }, timeout: 600_000 };

// Resolves with ids and counts once `deliver` has: documents are for it alone, as what a step gives is stored.
export async function pollInWorkflow(step, batch, given) {
  const { client, deliver, name = "extracta", config = RETRIES, ...options } = bare(given);
  const clientOptions = async () => bare(await client);
  let row = await step.do(`${name}: start`, async () => {
    const client = new ExtractaClient(await clientOptions());
    const started = startOf(client, Date, batch, { intervalMs: INTERVAL_MS, ...options });
    client.close();
    return started;
  });
  for (let number = 1; ; number += 1) {
    const { ended, error, waitMs, ...state } = await step.do(`${name}: poll ${number}`, config, async () => pollOnce(row, await clientOptions(), deliver));
    if (error) throw new ExtractaError(error.message, error);
    if (ended) return { id: row.id, batch: row.batch, ...state };
    row = { ...row, ...state };
    if (waitMs > 0) await step.sleep(`${name}: wait ${number}`, waitMs);
  }
}

async function pollOnce(row, clientOptions, deliver) {
  const { promise: goesOn, resolve } = Promise.withResolvers();
  const run = new Run(row, clientOptions, { beforeRequest: () => {}, afterRequest: () => resolve() });
  try {
    const results = await Promise.race([run.result, goesOn]);
    const { attempts, counts, ...state } = run.state;
    if (!results) return { ...state, attempts, counts, waitMs: Math.ceil(state.nextAt - Date.now()) };
    await deliver({ id: row.id, batch: row.batch, results });
    return { ended: true, attempts, counts };
  } catch (error) {
    // Ends the Workflow, where what else is thrown has the step tried again.
    if (!isExtractaError(error) || error.code === "CLOSED") throw error;
    // Stored, as all that a step gives: without the server's words.
    const { code, retryable } = error;
    return { error: { code, message: wordsOf(error), retryable } };
  } finally {
    run.close();
  }
}

// What the stand-in behind the Worker saw.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { fromEnvironment } from "../page/browser.mjs";

/** The Worker's secret. */
export const KEY = fromEnvironment("EXTRACTA_API_KEY", "the key that the Worker was given");
export const STANDIN = fromEnvironment("EXTRACTA_STANDIN_URL", "the address of the stand-in behind the Worker, http://127.0.0.1:PORT say");

/** The requests for a batch, all of them and those that came with the Worker's key. */
export async function arrivals(batchId) {
  const [all, withKey] = await Promise.all(["", `?token=${encodeURIComponent(KEY)}`].map(logged));
  const ofBatch = (entries) => entries.filter((entry) => entry.batchId === batchId);
  return { all: ofBatch(all), withKey: ofBatch(withKey) };
}

// Longer than any request is on its way here.
const QUIET_MS = 1_000;

/** Nothing of a batch comes, nor has come: what was refused went no further. */
export async function assertNothingArrives(batchId) {
  await setTimeout(QUIET_MS);
  assert.deepEqual(await arrivals(batchId), { all: [], withKey: [] });
}

async function logged(query) {
  return (await fetch(`${STANDIN}/_standin/log${query}`)).json();
}

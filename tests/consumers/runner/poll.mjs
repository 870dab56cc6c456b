// The poll that every app does: the batch `waits-2` at the stand-in that keeps the API's 2 seconds.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { expect } from "../../../xtask/expect.mjs";
import { standin } from "./standin.mjs";

export const baseUrl = `${standin}/api/v1`;

/** Each app takes a token of its own: the stand-in counts by token, and so does the client's pacing. */
export function newToken() {
  return `test-${randomUUID()}`;
}

/** Judges by what the app reports, as text, and by what the stand-in saw of it. */
export async function assertPolledToTheEnd(report, token, attempts = [0, 1, 2, 3]) {
  assert.match(report, /^\{/, "the app reported something else than JSON");
  assert.deepEqual(JSON.parse(report), { attempts, done: true, files: ["processed", "processed", "processed"] });
  await assertAsked(token);
}

/** The stand-in saw what the batch takes, in time. */
export async function assertAsked(token) {
  const gaps = async () => (await (await fetch(`${standin}/_standin/gaps?token=${token}`)).json())["/getBatchResults"];
  await expect.poll(gaps, "the three requests that the stand-in should see").toMatchObject({ count: 3, violations: 0 });
}

/** Asks a route of a server, which polls. */
export async function pollInRoute(address) {
  const token = newToken();
  const response = await fetch(`${address}?${new URLSearchParams({ api: baseUrl, token })}`);
  await assertPolledToTheEnd(await response.text(), token);
}

/** Waits until so many requests of a token have come. */
export async function untilRequested(token, times) {
  const requested = async () => (await requestsOf(token)).length;
  await expect.poll(requested, { message: "requests", intervals: [20] }).toBeGreaterThanOrEqual(times);
}

/** The requests of a token, as the stand-in saw them. */
export async function requestsOf(token) {
  return (await fetch(`${standin}/_standin/log?token=${encodeURIComponent(token)}`)).json();
}

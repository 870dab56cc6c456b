// The poll that every app does: the batch `waits-2` at the stand-in that keeps the API's 2 seconds.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { standin } from "./settings.mjs";

export const baseUrl = `${standin}/api/v1`;

/** Each app takes a token of its own: the stand-in counts by token, and so does the client's pacing. */
export function newToken() {
  return `test-${randomUUID()}`;
}

/** Judges by what the app reports, as text, and by what the stand-in saw of it. */
export async function assertPolledToTheEnd(report, token) {
  assert.match(report, /^\{/, "the app reported something else than JSON");
  assert.deepEqual(JSON.parse(report), { attempts: [1, 2, 3], done: true, files: ["processed", "processed", "processed"] });
  const gaps = await (await fetch(`${standin}/_standin/gaps?token=${token}`)).json();
  const { count, violations } = gaps["/getBatchResults"];
  assert.deepEqual({ count, violations }, { count: 3, violations: 0 }, "the stand-in saw other requests than the three it should");
}

/** The requests of a token, as the stand-in saw them. */
export async function requestsOf(token) {
  return (await fetch(`${standin}/_standin/log?token=${encodeURIComponent(token)}`)).json();
}

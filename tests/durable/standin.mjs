// What the stand-in saw of a token.
import assert from "node:assert/strict";
import { standin } from "../consumers/runner/standin.mjs";

const observed = async (what, token) => (await fetch(`${standin}/_standin/${what}?token=${encodeURIComponent(token)}`)).json();

export function requestsOf(token) {
  return observed("log", token);
}

/** No two requests to an endpoint were closer than the stand-in allows, nor than `leastMs`. Gives how many there were. */
export async function assertSpaced(token, leastMs = 0) {
  const gaps = Object.entries(await observed("gaps", token)).filter(([, { count }]) => count > 0);
  assert.ok(gaps.length > 0, "no request was sent");
  for (const [endpoint, { violations, smallestGapMs = Infinity }] of gaps) {
    assert.equal(violations, 0, `${endpoint}: ${smallestGapMs} ms`);
    assert.ok(smallestGapMs >= leastMs, `${endpoint}: ${smallestGapMs} ms`);
  }
  return gaps.reduce((sum, [, { count }]) => sum + count, 0);
}

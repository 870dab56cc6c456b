// What the Worker under test finds in `env`.
import { randomBytes } from "node:crypto";
import { newToken } from "../consumers/runner/poll.mjs";
import { standin } from "../consumers/runner/standin.mjs";

/** What deliveries are signed with. */
export const SECRET = `whsec_${randomBytes(32).toString("base64")}`;

/** Of the client, in milliseconds: more than the stand-in's 20 by more than a timer's error. */
export const FLOOR_MS = 25;

// How long something is waited for that was under way when the process was killed.
const BRIEF_MS = 3_000;

/** `client` and `polls` add to what is set for all. `isKilled`: the test kills the process. */
export function settings({ token = newToken(), isKilled = false, client, polls, ...more } = {}) {
  return {
    EXTRACTA_API_KEY: token,
    EXTRACTA_BASE_URL: `${standin}/api/v1`,
    CALLBACK_SECRET: SECRET,
    CLIENT: { minIntervalMs: FLOOR_MS, ...(isKilled && { requestTimeoutMs: BRIEF_MS }), ...client },
    POLLS_SETTINGS: { workMs: 2_000, deliveryTimeoutMs: isKilled ? BRIEF_MS : 10_000, retryMs: 50, keepMs: 3_600_000, ...polls },
    ...more,
  };
}

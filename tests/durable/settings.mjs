// What the Worker under test finds in `env`.
import { randomBytes } from "node:crypto";
import { newToken } from "../consumers/runner/poll.mjs";
import { standin } from "../consumers/runner/standin.mjs";

/** What deliveries are signed with. */
export const SECRET = `whsec_${randomBytes(32).toString("base64")}`;

/** Of the client, in milliseconds: more than the stand-in's 20 by more than a timer's error. */
const FLOOR_MS = 25;

/** For tests that kill the process: what was under way then is waited for no longer than this. */
export const BRIEF = { client: { requestTimeoutMs: 3_000 }, polls: { deliveryTimeoutMs: 3_000 } };

/** `client` and `polls` add to what is set for all. */
export function settings({ token = newToken(), client, polls, ...more } = {}) {
  return {
    EXTRACTA_API_KEY: token,
    EXTRACTA_BASE_URL: `${standin}/api/v1`,
    CALLBACK_SECRET: SECRET,
    CLIENT: { minIntervalMs: FLOOR_MS, ...client },
    POLLS_SETTINGS: { workMs: 2_000, deliveryTimeoutMs: 10_000, retryMs: 50, keepMs: 3_600_000, ...polls },
    ...more,
  };
}

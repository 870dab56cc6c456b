// What a visitor is answered.
import { OWN_HEADERS, refusal } from "./refused.js";

export function answerOf(outcome, { preference, settings }) {
  const { kind, reply, turnInMs, message, status } = outcome;
  const headers = preference && { "preference-applied": `wait=${Math.min(preference.waitMs, settings.maxHoldMs) / 1_000}` };
  const later = turnInMs !== undefined && { "retry-after": `${Math.max(Math.floor(turnInMs / 1_000), 1)}` };
  switch (kind) {
    case "reply": {
      const ageS = Math.floor(outcome.ageMs / 1_000);
      const { type, tag, retryAfter } = reply;
      const retry = retryAfter ?? later["retry-after"];
      const own = { ...(tag && { "extracta-state": tag }), ...(ageS > 0 && { age: `${ageS}` }), ...(retry && { "retry-after": retry }) };
      return new Response(reply.body, { status: reply.status, headers: { ...OWN_HEADERS, ...headers, "content-type": type, ...own } });
    }
    case "nothing":
      return new Response(null, { status: 204, headers: { ...OWN_HEADERS, ...headers, ...later } });
    case "later":
      return refusal(429, "Many wait for their turn: come back after the seconds of Retry-After.", { ...headers, ...later });
    default:
      return refusal(status, message, { ...headers, ...later });
  }
}

// One request to the API, as the client sends it: what comes back is read for it, and kept for visitors without the key.
import { now } from "./account.js";
import { scrubbed } from "./scrub.js";
import { stateOf } from "./state.js";

// Sends it. `keep` is given what a visitor may see of the answer, before the client reads it.
export async function send(fetch, url, init, keep) {
  const startedAt = now();
  let answer;
  try {
    const response = await fetch(url, init);
    answer = { status: response.status, type: response.headers.get("content-type") ?? "", retryAfter: response.headers.get("retry-after"), text: await response.text() };
  } catch (error) {
    keep({ startedAt, at: now(), failure: init.signal.aborted ? [504, "The API did not answer in time."] : [502, "The API could not be reached."] });
    throw error;
  }
  const [, key] = / (.*)/s.exec(new Headers(init.headers).get("authorization") ?? "") ?? [];
  const parsed = parsedOnce(answer.text);
  keep({ startedAt, at: now(), ...visible(answer, key?.trim() ?? ""), tag: tagOf(answer.status, parsed) });
  return {
    status: answer.status,
    headers: { get: (name) => ({ "content-type": answer.type, "retry-after": answer.retryAfter })[name.toLowerCase()] ?? null },
    json: async () => {
      if ("error" in parsed) throw parsed.error;
      return parsed.value;
    },
  };
}

// What a visitor may see of an answer.
export function visible({ status, type, retryAfter, text }, key) {
  if (!((status >= 200 && status < 300) || (status >= 400 && status < 600))) {
    const redirects = status === 0 || (status >= 300 && status < 400);
    return { failure: [502, `The API ${redirects ? "redirects, which the proxy does not follow" : "gave a status that cannot be passed on"}. Check the proxy's baseUrl.`] };
  }
  const isEmpty = status === 204 || status === 205 || status === 304;
  return { status, body: isEmpty ? null : scrubbed(text, key), type: typeOf(type), retryAfter: secondsOf(retryAfter) };
}

function tagOf(status, { value }) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return status >= 200 && status < 300 && isObject ? stateOf(value) : undefined;
}

function parsedOnce(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error };
  }
}

// Nothing that a browser would run.
function typeOf(type) {
  const [name] = type.split(";", 1);
  return /[/+]json$/i.test(name.trim()) ? "application/json" : "text/plain; charset=utf-8";
}

// Whole seconds, of either form.
function secondsOf(retryAfter) {
  if (retryAfter === null) return undefined;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return `${Number(retryAfter)}`;
  const seconds = Math.ceil((Date.parse(retryAfter) - Date.now()) / 1_000);
  return seconds > 0 && seconds < 1e9 ? `${seconds}` : undefined;
}

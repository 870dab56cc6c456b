// The two stand-ins these tests talk to. Each test takes a token of its own, and with it lanes of its own.
import { randomUUID } from "node:crypto";

/** Keeps the API's real 2 seconds between two requests of a token. */
export const REAL = "EXTRACTA_STANDIN_URL";
/** Keeps 50 ms, for tests that are not about the 2 seconds. */
export const FAST = "EXTRACTA_STANDIN_FAST_URL";
/** Our own floor there: more than the stand-in's by more than a timer's error. */
export const FAST_FLOOR_MS = 60;

function address(variable) {
  const url = process.env[variable];
  if (!url) throw new Error(`Set ${variable} to the address of a running stand-in, http://127.0.0.1:PORT say.`);
  return url.replace(/\/$/, "");
}

export function newToken() {
  return `test-${randomUUID()}`;
}

/** Options of a client for the fast stand-in. */
export function fast(token = newToken()) {
  return { baseUrl: `${address(FAST)}/api/v1`, token, minIntervalMs: FAST_FLOOR_MS };
}

/** Options of a client for the stand-in with the real floor, which is the client's default. */
export function real(token = newToken()) {
  return { baseUrl: `${address(REAL)}/api/v1`, token };
}

/** The requests of a token, as the stand-in saw them. */
export function requestsOf({ baseUrl, token }) {
  return observed(baseUrl, "log", token);
}

/** Count, smallest gap and violations of a token, by endpoint. */
export function gapsOf({ baseUrl, token }) {
  return observed(baseUrl, "gaps", token);
}

/** The next so many requests of a token are answered 503. */
export async function failNext(requests, { baseUrl, token }) {
  const query = new URLSearchParams({ token, requests });
  const response = await fetch(new URL(`/_standin/outage?${query}`, baseUrl), { method: "POST" });
  if (!response.ok) throw new Error(`the stand-in answered ${response.status}`);
}

async function observed(baseUrl, what, token) {
  const response = await fetch(new URL(`/_standin/${what}?token=${encodeURIComponent(token)}`, baseUrl));
  if (!response.ok) throw new Error(`the stand-in answered ${response.status}`);
  return response.json();
}

export function extraction(batchId) {
  return { extractionId: "any-extraction", batchId };
}

export function classification(batchId) {
  return { classificationId: "any-classification", batchId };
}

/** Long enough for several polls of the fast stand-in, had anybody still been polling. */
export function severalFloors() {
  return new Promise((resolve) => setTimeout(resolve, 5 * FAST_FLOOR_MS));
}

/** Until everything that was ready has run: one turn of the event loop. */
export function oneTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A `fetch` that answers each request with what `reply` makes of it, without any network. */
export function answering(reply) {
  return async (url, init) => Response.json(reply(JSON.parse(init.body), url, init));
}

/** A finished batch of one file. */
export function finished({ extractionId, classificationId, batchId }) {
  return { extractionId, classificationId, batchId, files: [{ fileId: "f1", fileName: "a.pdf", status: "processed" }] };
}

/** A server that is nobody's: only for clients whose `fetch` never leaves the process. */
export const NOWHERE = "https://proxy.example/api";

/** What a promise was rejected with; fails if it was not. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}

/** What an error says, but for how long its call took: from one second on it says so. */
export function withoutSeconds(message) {
  return message.replace(/, in \d+ s\b/, "");
}

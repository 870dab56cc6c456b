// A server that is nobody's, behind a `fetch` that never leaves the process, and the first request to it.

export const NOWHERE = "https://proxy.example/api";

/** A `fetch` that answers at once with a fresh `Response`. */
export function answering(reply) {
  const body = new TextEncoder().encode(reply);
  const headers = { "content-type": "application/json" };
  return async () => new Response(body, { headers });
}

/** What a contender must be told to ask a `fetch` of ours; axios takes one with its fetch adapter only. */
export function asking(name, fetch) {
  return name === "axios" ? { adapter: "fetch", env: { fetch } } : { fetch };
}

/** Loads a contender's module, as in `() => import(…)`, and asks once; gives the milliseconds of each step. */
export async function start(name, load) {
  // The platform loads what belongs to its `fetch` on first use: nobody's affair here.
  await Response.json({}).json();
  new Request(NOWHERE, { headers: new Headers(), signal: new AbortController().signal });
  const began = performance.now();
  const contender = await load();
  const loaded = performance.now();
  if (contender.ExtractaClient) new contender.ExtractaClient({ baseUrl: NOWHERE });
  const instantiated = performance.now();
  await askOnce(name, contender);
  const requested = performance.now();
  return { import: loaded - began, instantiate: instantiated - loaded, call: requested - instantiated, all: requested - began };
}

/** One request for a batch of one file. */
export async function askOnce(name, { results }) {
  const fetch = answering('{"files":[{"status":"processed"}]}');
  const { files } = await results(NOWHERE, "bench-token", { extractionId: "e", batchId: "b" }, asking(name, fetch));
  if (files.length !== 1) throw new Error(`${name} did not get the file`);
}

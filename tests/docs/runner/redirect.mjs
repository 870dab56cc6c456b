// Loaded before a program of the documentation: the stand-in answers its requests to the API, or to a proxy on the page's own
// server.
import { renamed } from "./renamed.mjs";

const { EXTRACTA_STANDIN: standin, EXTRACTA_BATCH: batch, EXTRACTA_API_KEY: token } = process.env;
const { fetch } = globalThis;

/** Batches that uploads made, which the stand-in has by their own ids. */
const uploaded = new Set();

// A page's: programs in Node have none.
globalThis.location ??= { href: "https://app.example/" };

globalThis.fetch = async (input, init = {}) => {
  const { hostname, pathname } = new URL(input);
  const [endpoint] = /(getBatchResults|(documentClassification\/)?uploadFiles|documentClassification\/getResults)$/.exec(pathname) ?? [];
  if (!endpoint || !["api.extracta.ai", "app.example"].includes(hostname)) return fetch(input, init);
  const headers = { ...init.headers, authorization: `Bearer ${token}` };
  if (endpoint.endsWith("uploadFiles")) {
    const response = await fetch(`${standin}/api/v1/${endpoint}`, { ...init, headers });
    uploaded.add((await response.clone().json()).batchId);
    return response;
  }
  const requested = JSON.parse(init.body);
  if (uploaded.has(requested.batchId)) return fetch(`${standin}/api/v1/${endpoint}`, { ...init, headers });
  return renamed(`${standin}/api/v1/${endpoint}`, { body: init.body, headers, batch });
};

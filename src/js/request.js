// One HTTP attempt, as far as it is a matter of the platform's objects. A `fetch` of the caller's may bring anything: what it
// gives is read by shape, not class, and may throw.
import { whenSettled } from "./heard.js";
import { attempted, memberOf } from "./member.js";
import { tokenText } from "./options.js";

// Sends the request of a batch, with `token` where a provider gave it, else the options'; tells of the response.
export function post(config, endpoint, ids, token = config.token, call, wait, heard) {
  const { fetch = globalThis.fetch } = config;
  const headers = { ...config.headers, "content-type": "application/json" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const controller = new AbortController();
  const { signal } = controller;
  // Nothing else goes in: Workers refuse members they do not implement (credentials, mode, cache). A redirect would carry the
  // key, or lose the body.
  const init = { method: "POST", redirect: "manual", headers, body: JSON.stringify(ids), signal };
  // Without `this`, as Workers throw on a foreign one.
  const sent = promised(() => fetch(config.urls[endpoint], init));
  whenSettled(sent, call, wait, heard);
  return { sent, abort: () => controller.abort() };
}

// A provider's token for the next request.
export async function freshToken({ provider }, forceRefresh) {
  return tokenText(await provider({ forceRefresh }));
}

// NaN where the response is none.
export function statusOf(response) {
  const status = memberOf(response, "status");
  return typeof status === "number" ? status : NaN;
}

export function headerOf(response, name) {
  const value = attempted(() => response.headers.get(name));
  return typeof value === "string" ? value : undefined;
}

// Tells of the response's body.
export function readBody(response, call, wait, heard) {
  whenSettled(promised(() => response.json()), call, wait, heard);
}

// What may be a promise, or throw. No `async` function, which would take some turns more.
function promised(act) {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error);
  }
}

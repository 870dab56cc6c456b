// The two results endpoints, in the process: a `fetch` for the client, or in place of the global one.

const PATH = /\/(getBatchResults|documentClassification\/getResults)$/;

export function fakeApi(batches, { delayMs = 0 } = {}) {
  for (const [batchId, replies] of Object.entries(batches)) {
    const isList = Array.isArray(replies) && replies.length > 0;
    if (!isList && typeof replies !== "function") throw new TypeError(`The replies for ${batchId} must be a list, not an empty one, or a function.`);
  }
  const requests = [];

  const answerTo = async (request) => {
    const { batchId } = request.body ?? {};
    if (!PATH.test(new URL(request.url, "http://fake.test").pathname)) return unknown(`no endpoint ${request.url}`);
    if (!Object.hasOwn(batches, batchId)) return unknown(`no batch ${JSON.stringify(batchId)}; it has ${Object.keys(batches).join(", ")}`);
    const replies = batches[batchId];
    if (typeof replies === "function") return replies(request.attempt, request);
    // The last one for good.
    return replies[Math.min(request.attempt, replies.length) - 1];
  };

  const fetch = async (url, { method = "GET", headers, body, signal } = {}) => {
    const request = { url: String(url), method, headers: plain(headers), body: parsed(body), attempt: 1 };
    request.attempt += requests.filter((earlier) => earlier.body?.batchId === request.body?.batchId).length;
    requests.push(request);
    const reply = await answered(signal, delayMs, () => answerTo(request));
    if (reply?.unreachable) throw new TypeError("fetch failed: fakeApi is unreachable");
    if (typeof reply?.status !== "number") throw new TypeError(`fakeApi needs waiting(), done(), failing() or unreachable() for ${request.body?.batchId}.`);
    return response(reply, request.body);
  };

  return { fetch, requests };
}

function unknown(what) {
  return { status: 404, body: { error: `fakeApi has ${what}` }, headers: { "content-type": "application/json" } };
}

function response({ status, body, headers }, ids) {
  const text = typeof body === "string" ? body : JSON.stringify(status === 200 ? { ...ids, ...body } : body);
  if (typeof Response === "function") return new Response(text, { status, headers });
  // jsdom, as Jest has it, has no Response.
  const header = (name) => headers[name.toLowerCase()] ?? null;
  return { status, ok: status >= 200 && status < 300, headers: { get: header }, text: async () => text, json: async () => JSON.parse(text) };
}

// As the platform's fetch does: what is aborted rejects with the signal's reason, whatever is under way.
function answered(signal, delayMs, answer) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const run = () => resolve(answer());
    const timer = delayMs > 0 ? setTimeout(run, delayMs) : run();
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

function plain(headers) {
  const entries = typeof headers?.entries === "function" ? [...headers.entries()] : Object.entries(headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

import { ExtractaClient, isExtractaError } from "extracta-wasm";

// What one request holds and others reach, by token: a token has a lane of its own.
const held = new Map();

export default {
  async fetch(request) {
    const { token, say, ...requested } = Object.fromEntries(new URL(request.url).searchParams);
    return Response.json(say ? (reach(held.get(token), say) ?? "said") : await hold(token, requested));
  },
};

/** What a request wants of the polls that another one holds. */
function reach({ client, events, watches }, say) {
  if (say === "events") return events;
  if (say === "close") return client.close();
  for (const watch of watches) watch[say]();
}

/** Holds polls until they end; gives how each did. */
async function hold(token, { baseUrl, batchId, polls, initialDelayMs, intervalMs, canary }) {
  const events = [];
  const client = held.get(token)?.client ?? new ExtractaClient({ baseUrl, token, onEvent: ({ type }) => held.get(token).events.push(type) });
  held.set(token, { client, events, watches: [] });
  // Nobody answers it: its end says that this request was cut off.
  if (canary) fetch(canary).catch(() => {});
  const options = { initialDelayMs: Number(initialDelayMs), intervalMs: Number(intervalMs) };
  const watches = Array.from({ length: polls }, (_, nth) => client.watch({ extractionId: "invoices", batchId: batchId ?? `batch-${nth}` }, options));
  held.get(token).watches = watches;
  const ends = await Promise.allSettled(watches.map((watch) => watch.result));
  return ends.map(({ value, reason }) => (value ? "done" : (isExtractaError(reason) ? reason.code : reason.name)));
}

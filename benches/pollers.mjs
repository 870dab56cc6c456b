// Those who poll: this package, the loop by hand, and the same loop behind two limiters and in a library for long operations.
import { createHttpPoller } from "@azure/core-lro";
import Bottleneck from "bottleneck";
import PQueue from "p-queue";
import { poll as loop, results as ask } from "../xtask/peers/loop.js";
import { OURS } from "./callers.mjs";

/**
 * For each a function that makes, of where and how fast to ask, one that polls a batch. All polls that it begins share what
 * the contender has to share. They end when `signal` is aborted.
 */
export function pollers({ ExtractaClient }) {
  return {
    [OURS]({ baseUrl, token, floorMs, signal, fetch }) {
      const client = new ExtractaClient({ baseUrl, token, minIntervalMs: floorMs, fetch });
      return (ids) => client.pollUntilDone(ids, { signal, timeoutMs: Infinity });
    },
    "loop by hand": ({ baseUrl, token, floorMs, signal, fetch }) => {
      return (ids) => loop(baseUrl, token, ids, { fetch: until(signal, fetch), intervalMs: floorMs });
    },
    "p-queue, strict"({ baseUrl, token, floorMs, signal, fetch }) {
      const queue = new PQueue({ concurrency: 1, interval: floorMs, intervalCap: 1, strict: true });
      const options = { fetch: until(signal, fetch) };
      return (ids) => limited((send) => queue.add(send), () => ask(baseUrl, token, ids, options));
    },
    Bottleneck({ baseUrl, token, floorMs, signal, fetch }) {
      const limiter = new Bottleneck({ maxConcurrent: 1, minTime: floorMs });
      const options = { fetch: until(signal, fetch) };
      return (ids) => limited((send) => limiter.schedule(send), () => ask(baseUrl, token, ids, options));
    },
    "core-lro"({ baseUrl, token, floorMs, signal, fetch }) {
      const options = { fetch: until(signal, fetch) };
      return (ids) => createHttpPoller(asOperation(() => ask(baseUrl, token, ids, options)), { intervalInMs: floorMs }).pollUntilDone();
    },
  };
}

/** Ends loops that know no signal: with their next request. */
function until(signal, fetch = globalThis.fetch) {
  return (...request) => {
    signal.throwIfAborted();
    return fetch(...request);
  };
}

async function limited(schedule, send) {
  for (;;) {
    const reply = await schedule(send);
    if (reply.status !== "waiting") return reply;
  }
}

/** The API's protocol in the library's terms. The batch was begun elsewhere: the initial request is none. */
function asOperation(send) {
  const request = { method: "POST", url: "/getBatchResults" };
  const response = (statusCode, headers, body) => ({ flatResponse: body, rawResponse: { statusCode, headers, request, body } });
  return {
    sendInitialRequest: async () => response(202, { "operation-location": request.url }, { status: "running" }),
    sendPollRequest: async () => {
      const reply = await send();
      return response(200, {}, { ...reply, status: reply.status === "waiting" ? "running" : "succeeded" });
    },
  };
}

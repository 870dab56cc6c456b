/**
 * A visitor of the page, in a Web Worker: a realm of its own, with a client and a lane that nobody else has. It polls one batch
 * and posts what it learns.
 */
import { ExtractaClient } from "/pkg/index.js";

addEventListener("message", ({ data: { baseUrl, batch } }) => poll(baseUrl, batch), { once: true });

async function poll(baseUrl, batch) {
  try {
    const client = new ExtractaClient({ baseUrl, onEvent: ({ type }) => type === "request" && postMessage({ news: "request" }) });
    await client.pollUntilDone(batch, { onProgress: ({ counts }) => postMessage({ news: "progress", counts }) });
    postMessage({ news: "done" });
  } catch ({ code, message }) {
    postMessage({ news: "error", code, message });
  }
}

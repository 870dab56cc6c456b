import { ExtractaClient } from "./node_modules/extracta-wasm/dist/index.js";

chrome.runtime.onMessage.addListener(({ api, token }, sender, respond) => {
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) }).then(({ done, files }) => {
    respond({ attempts, done, files: files.map(({ status }) => status) });
  }, (error) => respond(String(error)));
  return true; // The response comes later.
});

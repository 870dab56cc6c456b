const { ExtractaClient } = require("extracta-wasm");

const [baseUrl, token] = process.argv.slice(2);
const client = new ExtractaClient({ baseUrl, token });
const attempts = [];
const batch = { extractionId: "invoices", batchId: "waits-2" };
client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) }).then(({ done, files }) => {
  console.log(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
});

import { ExtractaClient, init } from "extracta-wasm/slim";

async function poll({ api, token }) {
  await init(new URL("extracta-wasm/extracta_wasm.wasm", import.meta.url));
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  const report = { attempts, done, files: files.map(({ status }) => status) };
  document.querySelector("output").textContent = JSON.stringify(report);
}

poll(Object.fromEntries(new URLSearchParams(location.search)));

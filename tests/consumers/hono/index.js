import { ExtractaClient } from "extracta-wasm";
import { Hono } from "hono";
import { paced } from "./proxy.js";

const app = new Hono();
app.get("/", async (context) => {
  const client = new ExtractaClient({ baseUrl: context.env.EXTRACTA_URL, token: context.env.EXTRACTA_API_KEY });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  return context.json({ attempts, done, files: files.map(({ status }) => status) });
});

app.post("/api/extracta/*", paced);

export default app;

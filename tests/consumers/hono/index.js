import { ExtractaClient } from "extracta-wasm";
import { createProxy } from "extracta-wasm/proxy";
import { Hono } from "hono";

const app = new Hono();
app.get("/", async (context) => {
  const client = new ExtractaClient({ baseUrl: context.env.EXTRACTA_URL, token: context.env.EXTRACTA_API_KEY });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  return context.json({ attempts, done, files: files.map(({ status }) => status) });
});

let proxy;
app.post("/api/extracta/*", ({ env, req, executionCtx }) => {
  proxy ??= createProxy({ token: env.PROXIED_KEY, baseUrl: env.EXTRACTA_URL });
  return proxy(req.raw, executionCtx);
});

export default app;

// The proxy of README.md: it asks for those who may read a batch, with the key, and for nobody else.
import { done, fakeApi, resetLanes } from "extracta-wasm/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  resetLanes();
  vi.stubGlobal("mayRead", async (request: Request, batchId: string) => request.headers.get("cookie") === `session-of-${batchId}`);
});
afterEach(() => vi.unstubAllGlobals());

function asking(session: string) {
  return new Request("https://app.example/api/extracta/getBatchResults", {
    method: "POST",
    headers: { "content-type": "application/json", cookie: session, "sec-fetch-site": "same-origin" },
    body: JSON.stringify({ extractionId: "-OExampleTemplate", batchId: "march" }),
  });
}

test("whoever may read the batch gets its results, and the key stays on the server", async () => {
  const api = fakeApi({ march: [done()] });
  vi.stubGlobal("fetch", api.fetch);
  const { POST } = await import("./proxy.ts");
  const answer = await POST(asking("session-of-march"));
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { files: unknown[] }).files).toHaveLength(1);
  expect(api.requests[0]!.headers.authorization).toBe(`Bearer ${process.env.EXTRACTA_API_KEY}`);
});

test("anyone else gets 403, and no request is sent", async () => {
  const api = fakeApi({ march: [done()] });
  vi.stubGlobal("fetch", api.fetch);
  const { POST } = await import("./proxy.ts");
  expect((await POST(asking("session-of-april"))).status).toBe(403);
  expect(api.requests).toEqual([]);
});

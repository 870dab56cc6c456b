import { done, fakeApi, resetLanes, waiting } from "extracta-wasm/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GET } from "./app/api/invoices/[batchId]/route.ts";
import { invoices } from "./poll-route.ts";

beforeEach(() => {
  vi.stubEnv("EXTRACTA_API_KEY", "secret-key");
  resetLanes();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** The page's fetch reaches the route; the route's, the API. */
function connected(api: ReturnType<typeof fakeApi>) {
  const visits: string[] = [];
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    if (!url.startsWith("/api/invoices/")) return api.fetch(url, init as Parameters<typeof api.fetch>[1]);
    visits.push(url);
    const address = new URL(url, "https://app.example");
    const batchId = decodeURIComponent(address.pathname.split("/").at(-1) ?? "");
    return GET(new Request(address, init), { params: Promise.resolve({ batchId }) });
  });
  return visits;
}

test("one poll goes on across requests, and keeps the 2 seconds", async () => {
  const requestedAt: number[] = [];
  const api = fakeApi({ march: (attempt) => (requestedAt.push(performance.now()), attempt < 16 ? waiting() : done([{}, {}])) });
  const visits = connected(api);
  const results = invoices("march");
  await vi.advanceTimersByTimeAsync(120_000);
  expect((await results).files).toHaveLength(2);
  expect(visits.length).toBeGreaterThanOrEqual(2);
  expect(api.requests).toHaveLength(16);
  for (let n = 1; n < requestedAt.length; n++) expect(requestedAt[n]! - requestedAt[n - 1]!).toBeGreaterThanOrEqual(2_000);
  expect(visits.join()).not.toContain("secret-key");
});

test("a token of another batch is refused", async () => {
  const api = fakeApi({ march: [waiting()], april: [waiting()] });
  const visits = connected(api);
  invoices("march").catch(() => {});
  await vi.advanceTimersByTimeAsync(30_000);
  const token = new URL(visits[1]!, "https://app.example").searchParams.get("resume")!;
  const refused = GET(new Request(`https://app.example/api/invoices/april?${new URLSearchParams({ resume: token })}`), { params: Promise.resolve({ batchId: "april" }) });
  expect((await refused).status).toBe(400);
  expect(api.requests.some(({ body }) => body.batchId === "april")).toBe(false);
});

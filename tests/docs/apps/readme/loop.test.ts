// What README.md says that the loop gets wrong, and that the client does not.
import { ExtractaClient } from "extracta-wasm";
import { done, type FakeReply, failing, fakeApi, resetLanes, unreachable, waiting } from "extracta-wasm/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resultsOf } from "./loop.js";

const batch = { extractionId: "-OExampleTemplate", batchId: "march" };
const clientPolls = () => new ExtractaClient({ token: "key" }).pollUntilDone(batch);

beforeEach(() => {
  resetLanes();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An API in place of the real one, for whoever calls `fetch`. */
function answering(...replies: FakeReply[]) {
  const api = fakeApi({ march: replies });
  vi.stubGlobal("fetch", api.fetch);
  return api;
}

/** What became of it within a minute. */
async function afterAMinute(promise: Promise<unknown>) {
  const ended = promise.then((value) => ({ value }), (error: unknown) => ({ error }));
  const late = new Promise<{ late: true }>((resolve) => setTimeout(resolve, 60_000, { late: true }));
  await vi.advanceTimersByTimeAsync(60_000);
  return Promise.race([ended, late]) as Promise<{ value?: any; error?: any; late?: true }>;
}

test("the loop returns files that are still being processed, or none; the client waits", async () => {
  for (const early of [waiting([{ status: "processing" }]), done([])]) {
    answering(early, done([{}]));
    const statuses = (files: { status: string }[]) => files.map(({ status }) => status);
    expect(statuses((await afterAMinute(resultsOf(batch))).value)).not.toEqual(["processed"]);
    answering(early, done([{}]));
    expect(statuses((await afterAMinute(clientPolls())).value.files)).toEqual(["processed"]);
  }
});

test("two loops ask at the same moment; two polls of the client are 2 seconds apart", async () => {
  const times: number[] = [];
  const noting = (api: ReturnType<typeof answering>) =>
    vi.stubGlobal("fetch", (...args: Parameters<typeof api.fetch>) => (times.push(Date.now()), api.fetch(...args)));
  noting(answering(waiting(), waiting(), done()));
  await afterAMinute(Promise.all([resultsOf(batch), resultsOf(batch)]));
  expect(times[1]! - times[0]!).toBeLessThan(2_000);
  times.length = 0;
  noting(answering(waiting(), waiting(), waiting(), done()));
  await afterAMinute(Promise.all([clientPolls(), clientPolls()]));
  for (const [index, time] of times.slice(1).entries()) expect(time - times[index]!).toBeGreaterThanOrEqual(2_000);
});

test("one hiccup ends the loop; the client tries again", async () => {
  for (const hiccup of [unreachable(), failing(502, "<html>Bad gateway</html>", { "content-type": "text/html" })]) {
    answering(hiccup, done());
    expect((await afterAMinute(resultsOf(batch))).error).toBeDefined();
    answering(hiccup, done());
    expect((await afterAMinute(clientPolls())).value.done).toBe(true);
  }
});

test("an error reply keeps the loop going; the client reports it", async () => {
  answering(failing(404, { error: "No such batch" }));
  expect((await afterAMinute(resultsOf(batch))).late).toBe(true);
  answering(failing(404, { error: "No such batch" }));
  expect((await afterAMinute(clientPolls())).error.code).toBe("NOT_FOUND");
});

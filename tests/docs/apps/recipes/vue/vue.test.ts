// @vitest-environment jsdom
import { ExtractaClient } from "extracta-wasm";
import { done, failing, fakeApi, type FakeReply, waiting } from "extracta-wasm/testing";
import { expect, test, vi } from "vitest";
import { effectScope, reactive, ref, watch as observe } from "vue";
import { store } from "./store.ts";
import { useBatch } from "./use-batch.ts";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
const until = <T,>(assertion: () => T) => vi.waitFor(assertion, { timeout: 60_000 });

const clientOf = (api: ReturnType<typeof fakeApi>) => new ExtractaClient({ baseUrl: "https://api.test", token: String(Math.random()), minIntervalMs: 0, fetch: api.fetch });
const ids = (batchId: string) => ({ extractionId: "-OExampleTemplate", batchId });

test("the composable polls to the end, and shows progress", async () => {
  const api = fakeApi({ march: [waiting(), done([{}, {}])] });
  const scope = effectScope();
  const { progress, results } = scope.run(() => useBatch(clientOf(api), ids("march")))!;
  const attempts: (number | undefined)[] = [];
  observe(progress, (next) => attempts.push(next?.attempt), { flush: "sync" });
  await until(() => expect(results.value?.files).toHaveLength(2));
  expect(attempts).toEqual([0, 1, 2]);
  scope.stop();
});

test("it ends with its scope, and other ids take the place of the first", async () => {
  const answers: ((reply: FakeReply) => void)[] = [];
  const api = fakeApi({ march: () => new Promise<FakeReply>((resolve) => void answers.push(resolve)), april: [done()], may: [failing(404)] });
  const client = clientOf(api);
  const batch = reactive(ids("march"));
  const scope = effectScope();
  const { results, error } = scope.run(() => useBatch(client, batch))!;
  await until(() => expect(api.requests).toHaveLength(1));
  batch.batchId = "april";
  await until(() => expect(results.value?.batchId).toBe("april"));
  batch.batchId = "may";
  await until(() => expect(error.value).toMatchObject({ code: "NOT_FOUND" }));
  expect(results.value).toBeUndefined();
  batch.batchId = "march";
  await until(() => expect(api.requests).toHaveLength(4));
  scope.stop();
  answers.forEach((answer) => answer(waiting()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(api.requests).toHaveLength(4);
});

test("a client and a watch work behind Vue's proxies", async () => {
  vi.stubGlobal("fetch", fakeApi({ march: [done([{ fileName: "a.pdf" }])] }).fetch);
  expect(await store.invoices("march")).toEqual(["a.pdf: processed"]);
  const client = ref(clientOf(fakeApi({ march: [done()] })));
  const watch = ref(client.value.watch(ids("march")));
  expect((await watch.value.result).done).toBe(true);
  client.value.close();
});

// @vitest-environment jsdom
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { ExtractaClient } from "extracta-wasm";
import { done, failing, fakeApi, type FakeReply, waiting } from "extracta-wasm/testing";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { batchQuery } from "./batch-query.ts";
import { Invoices } from "./invoices.tsx";
import { useBatch } from "./use-batch.ts";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
const until = <T,>(assertion: () => T) => vi.waitFor(assertion, { timeout: 60_000 });

const clientOf = (api: ReturnType<typeof fakeApi>) => new ExtractaClient({ baseUrl: "https://api.test", token: String(Math.random()), minIntervalMs: 0, fetch: api.fetch });

function mounted(content: ReactNode) {
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  root.render(<StrictMode>{content}</StrictMode>);
  return { place, unmount: () => root.unmount() };
}

function Shown({ client, batchId }: { client: ExtractaClient; batchId: string }) {
  const state = useBatch(client, "-OExampleTemplate", batchId);
  return <p>{state.status}{state.status === "done" ? ` ${state.results.files.length}` : ""}{state.status === "failed" ? ` ${state.error}` : ""}</p>;
}

/** Replies that a test gives by and by. */
function held() {
  const answers: ((reply: FakeReply) => void)[] = [];
  const api = fakeApi({ march: () => new Promise<FakeReply>((resolve) => void answers.push(resolve)), april: [done()] });
  return { api, answer: (reply: FakeReply) => answers.shift()?.(reply) };
}

test("the hook polls once under StrictMode, and shows what comes", async () => {
  const { api, answer } = held();
  const { place } = mounted(<Shown client={clientOf(api)} batchId="march" />);
  await until(() => expect(api.requests).toHaveLength(1));
  expect(place.textContent).toBe("polling");
  answer(waiting());
  await until(() => expect(api.requests).toHaveLength(2));
  answer(done([{}, {}]));
  await until(() => expect(place.textContent).toBe("done 2"));
  expect(api.requests).toHaveLength(2);
});

test("unmounting ends the poll, and nothing follows", async () => {
  const { api, answer } = held();
  const { unmount } = mounted(<Shown client={clientOf(api)} batchId="march" />);
  await until(() => expect(api.requests).toHaveLength(1));
  unmount();
  answer(waiting());
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(api.requests).toHaveLength(1);
});

test("another batch takes the place of the first", async () => {
  const { api } = held();
  const client = clientOf(api);
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  root.render(<Shown client={client} batchId="march" />);
  await until(() => expect(api.requests).toHaveLength(1));
  root.render(<Shown client={client} batchId="april" />);
  await until(() => expect(place.textContent).toBe("done 1"));
});

test("an error is shown", async () => {
  const { place } = mounted(<Shown client={clientOf(fakeApi({ march: [failing(404)] }))} batchId="march" />);
  await until(() => expect(place.textContent).toMatch(/^failed .*Nothing was found there/));
});

test("the component shows the files of its batch", async () => {
  const api = fakeApi({ march: [done([{ fileName: "a.pdf" }])] });
  vi.stubGlobal("fetch", api.fetch);
  const { place } = mounted(<Invoices batchId="march" />);
  await until(() => expect(place.textContent).toBe("a.pdf: processed"));
  expect(api.requests.map(({ url }) => new URL(url).pathname)).toEqual(["/api/extracta/getBatchResults"]);
});

test("queries of the same batch share a poll, which ends with the last of them", async () => {
  const { api, answer } = held();
  const client = clientOf(api);
  const One = () => <p>{useQuery(batchQuery(client, { extractionId: "-OExampleTemplate", batchId: "march" })).data?.files.length}</p>;
  const queries = new QueryClient();
  const { place, unmount } = mounted(<QueryClientProvider client={queries}><One /><One /></QueryClientProvider>);
  await until(() => expect(api.requests).toHaveLength(1));
  answer(done([{}, {}]));
  await until(() => expect(place.textContent).toBe("22"));
  expect(api.requests).toHaveLength(1);
  unmount();

  const other = new QueryClient();
  const second = mounted(<QueryClientProvider client={other}><One /></QueryClientProvider>);
  await until(() => expect(api.requests).toHaveLength(2));
  second.unmount();
  answer(waiting());
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(api.requests).toHaveLength(2);
});

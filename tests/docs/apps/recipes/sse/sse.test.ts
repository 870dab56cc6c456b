import { ExtractaClient } from "extracta-wasm";
import { done, failing, fakeApi, waiting } from "extracta-wasm/testing";
import { expect, test, vi } from "vitest";
import { listen } from "./listen.ts";
import { progressOf } from "./progress.ts";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
const until = <T,>(assertion: () => T) => vi.waitFor(assertion, { timeout: 60_000 });

const clientOf = (api: ReturnType<typeof fakeApi>) => new ExtractaClient({ baseUrl: "https://api.test", token: String(Math.random()), minIntervalMs: 5, fetch: api.fetch });
const batch = { extractionId: "-OExampleTemplate", batchId: "march" };

test("progress comes as events, and the results last", async () => {
  const response = progressOf(clientOf(fakeApi({ march: [waiting([{}, {}]), waiting([{ status: "processed" }, {}]), done([{}, {}])] })), batch);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const events = (await response.text()).trim().split("\n\n").map((event) => /^event: (\w+)\ndata: (.*)$/s.exec(event)!.slice(1) as [string, string]);
  expect(events.at(-1)![0]).toBe("done");
  expect(JSON.parse(events.at(-1)![1]).files).toHaveLength(2);
  const files = events.filter(([name]) => name === "progress").flatMap(([, data]) => JSON.parse(data).newFiles);
  expect(files.map(({ fileId }: { fileId: string }) => fileId)).toEqual(["file-1", "file-2"]);
});

test("a failure is an event, without words for strangers", async () => {
  const text = await progressOf(clientOf(fakeApi({ march: [failing(403, { error: "secret" })] })), batch).text();
  expect(text).toContain('event: failed\ndata: {"code":"FORBIDDEN","retryable":false}');
  expect(text).not.toContain("secret");
});

test("the poll ends when the page goes", async () => {
  const api = fakeApi({ march: [waiting()] });
  const reader = progressOf(clientOf(api), batch).body!.getReader();
  await reader.read();
  await until(() => expect(api.requests.length).toBeGreaterThan(1));
  await reader.cancel();
  const requested = api.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(api.requests.length).toBe(requested);
});

test("the page receives progress and results", async () => {
  const sources: FakeEventSource[] = [];
  class FakeEventSource extends EventTarget {
    isClosed = false;
    constructor(readonly url: string) {
      super();
      sources.push(this);
    }
    close() {
      this.isClosed = true;
    }
    say(type: string, data?: unknown) {
      this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data) }));
    }
  }
  vi.stubGlobal("EventSource", FakeEventSource);
  const seen: unknown[] = [];
  const results = listen("/progress", (counts) => void seen.push(counts));
  sources[0]!.say("progress", { counts: { processed: 1, total: 2 } });
  sources[0]!.say("done", { files: [] });
  expect(await results).toEqual({ files: [] });
  expect([seen, sources[0]!.isClosed]).toEqual([[{ processed: 1, total: 2 }], true]);
  const broken = listen("/progress", () => {});
  sources[1]!.say("error");
  await expect(broken).rejects.toThrow("broke");
  expect(sources[1]!.isClosed).toBe(true);
});

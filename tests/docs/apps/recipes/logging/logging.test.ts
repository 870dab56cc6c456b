import { Writable } from "node:stream";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ExtractaClient, type ClientEvent } from "extracta-wasm";
import { done, failing, fakeApi, unreachable, waiting } from "extracta-wasm/testing";
import { expect, test, vi } from "vitest";
import { logEvents } from "./log.ts";
import { newLogger } from "./logger.ts";
import { traceEvents } from "./trace.ts";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
const until = <T,>(assertion: () => T) => vi.waitFor(assertion, { timeout: 60_000 });

const SECRET = "secret-key";
const clientOf = (api: ReturnType<typeof fakeApi>, onEvent: (event: ClientEvent) => void) => new ExtractaClient({ baseUrl: "https://api.test", token: SECRET, minIntervalMs: 0, fetch: api.fetch, onEvent });
const batch = (batchId: string) => ({ extractionId: "-OExampleTemplate", batchId });
const api = () => fakeApi({ march: [waiting(), unreachable(), done([{ result: { total: "12.50" } }])], april: [failing(403)] });

test("events are logged by their weight, without the key and documents", async () => {
  let text = "";
  const logger = newLogger(new Writable({ write: (chunk, _, next) => ((text += chunk), next()) }));
  const client = clientOf(api(), logEvents(logger));
  await client.pollUntilDone(batch("march"));
  await client.pollUntilDone(batch("april")).catch((err) => logger.error({ err }, "no invoices"));
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  const levels = new Map(lines.map(({ msg, level, outcome }) => [outcome ? `${msg} ${outcome}` : msg, level]));
  expect(Object.fromEntries(levels)).toMatchObject({ "extracta request": 20, "extracta failure": 40, "extracta retry": 40, "extracta settled done": 30, "extracta settled failed": 50 });
  expect(lines.at(-1).err).toMatchObject({ code: "FORBIDDEN", batchId: "april" });
  for (const secret of [SECRET, "12.50"]) expect(text).not.toContain(secret);
});

test("each call is a span, with one for each of its requests in it", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const client = clientOf(api(), traceEvents(provider.getTracer("app")));
  await Promise.all([client.pollUntilDone(batch("march")), client.pollUntilDone(batch("april")).catch(() => {})]);
  const spans = exporter.getFinishedSpans();
  const calls = spans.filter(({ name }) => name === "extracta getBatchResults");
  expect(calls.map(({ attributes }) => [attributes["extracta.batch_id"], attributes["extracta.outcome"]]).sort()).toEqual([["april", "failed"], ["march", "done"]]);
  const march = calls.find(({ attributes }) => attributes["extracta.batch_id"] === "march")!;
  const requests = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === march.spanContext().spanId);
  expect(requests.map(({ attributes }) => attributes["http.response.status_code"] ?? attributes["error.type"])).toEqual([200, "NETWORK", 200]);
  expect(march.events.map(({ name }) => name)).toContain("retry");
});

test("what an abort cuts off has an end, too", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const hanging = fakeApi({ march: () => new Promise(() => {}) });
  const client = clientOf(hanging, traceEvents(provider.getTracer("app")));
  const controller = new AbortController();
  const poll = client.pollUntilDone(batch("march"), { signal: controller.signal });
  await until(() => expect(hanging.requests).toHaveLength(1));
  controller.abort();
  await poll.catch(() => {});
  expect(exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes["extracta.outcome"]])).toEqual([["extracta request", undefined], ["extracta getBatchResults", "cancelled"]]);
});

// Options: what is accepted, and what is not.
import { ExtractaClient } from "extracta-wasm";
import type {
  ClassificationPollOptions, ClassificationProgress, ClassifiedFile, ClientEvent, ClientOptions, ErrorCode, ExtractedFields, ExtractedFile, PollOptions, PollSettings, Progress, RequestOptions, SharedPacing, TokenProvider,
} from "extracta-wasm";
import { originPacing } from "extracta-wasm/origin";
import { check, type Same } from "./expect.mjs";

const batch = { extractionId: "e", batchId: "b" };
const { signal } = new AbortController();
interface Receipt {
  total: string;
}

const full: ClientOptions = {
  token: "key",
  baseUrl: new URL("https://proxy.example/api"),
  fetch: globalThis.fetch,
  headers: { "x-team": "blue" },
  requestTimeoutMs: 10_000,
  minIntervalMs: 2_000,
  allowTokenInBrowser: false,
  onEvent: (event) => void event,
  sharePacing: originPacing({ onFallback: (reason) => reason.length }),
};
const client = new ExtractaClient(full);
new ExtractaClient({});

const sync: SharedPacing = { reserve: ({ lane, member, gapMs }) => lane.length + member.length + gapMs, hold: () => {} };
const later: SharedPacing = { reserve: async ({ gapMs }) => gapMs, hold: async ({ closedForMs }) => void closedForMs };
for (const sharePacing of [sync, later, originPacing(), undefined]) new ExtractaClient({ sharePacing });
// @ts-expect-error an object, no name
new ExtractaClient({ sharePacing: "origin" });
// @ts-expect-error
originPacing({ onFallback: "log" });
// @ts-expect-error hold is missing
new ExtractaClient({ sharePacing: { reserve: () => 0 } });
// @ts-expect-error reserve gives milliseconds
new ExtractaClient({ sharePacing: { reserve: () => "0", hold: () => {} } });

// Values that may be missing can be passed on as they are.
declare const setting: { token: string | undefined; signal: AbortSignal | undefined; timeoutMs: number | undefined };
new ExtractaClient({ token: setting.token });
client.pollUntilDone(batch, { signal: setting.signal, timeoutMs: setting.timeoutMs });

const atOnce: TokenProvider = ({ forceRefresh }) => (forceRefresh ? "fresh" : "cached");
const eventually: TokenProvider = async () => "key";
new ExtractaClient({ token: atOnce });
new ExtractaClient({ token: eventually });
// @ts-expect-error a provider gives text
new ExtractaClient({ token: () => 5 });
// @ts-expect-error
new ExtractaClient({ token: 5 });
new ExtractaClient();
// @ts-expect-error
new ExtractaClient({ tokens: "key" });
// @ts-expect-error
new ExtractaClient({ minIntervalMs: "2000" });
// @ts-expect-error
new ExtractaClient({ baseUrl: { href: 5 } });
// @ts-expect-error
new ExtractaClient({ headers: { "x-team": 5 } });

// Options kept in a variable of their own, with the type of their results or without.
const plain: PollOptions = { timeoutMs: Infinity, onProgress: ({ results }) => check<Same<typeof results.files, ExtractedFile<ExtractedFields>[]>>() };
const typed: PollOptions<Receipt> = {
  signal,
  timeoutMs: 60_000,
  intervalMs: 5_000,
  initialDelayMs: 1_000,
  maxRetries: 0,
  requestTimeoutMs: 1_000,
  onUnknownStatus: "done",
  onProgress: (progress) => {
    check<Same<typeof progress, Progress<Receipt>>>();
    check<Same<typeof progress.newFiles, ExtractedFile<Receipt>[]>>();
    const numbers: number[] = [progress.attempt, progress.elapsedMs, progress.queuePosition, ...Object.values(progress.counts)];
    const next: number | undefined = progress.nextPollInMs;
    void [numbers, next];
    if (progress.results.done) check<Same<typeof progress.results.done, true>>();
  },
};
client.pollUntilDone(batch, plain);
client.pollUntilDone<Receipt>(batch, typed);
const inferred = await client.pollUntilDone(batch, typed);
check<Same<NonNullable<(typeof inferred.files)[number]["result"]>, Receipt>>();

const forClassification: ClassificationPollOptions = {
  onProgress: (progress) => {
    check<Same<typeof progress, ClassificationProgress>>();
    check<Same<typeof progress.newFiles, ClassifiedFile[]>>();
  },
};
client.pollUntilDone({ classificationId: "c", batchId: "b" }, forClassification);
client.watch({ classificationId: "c", batchId: "b" }, forClassification);

// Settings without a callback serve both kinds.
const settings: PollSettings = { timeoutMs: 60_000 };
client.pollUntilDone(batch, settings);
client.pollUntilDone({ classificationId: "c", batchId: "b" }, settings);
const request: RequestOptions = { signal, requestTimeoutMs: 5 };
client.getBatchResults(batch, request);

// Callbacks written in place get their types from the batch.
client.pollUntilDone(batch, { onProgress: ({ newFiles }) => check<Same<typeof newFiles, ExtractedFile<ExtractedFields>[]>>() });
client.pollUntilDone<Receipt>(batch, { onProgress: ({ newFiles }) => check<Same<typeof newFiles, ExtractedFile<Receipt>[]>>() });
client.pollUntilDone({ classificationId: "c", batchId: "b" }, { onProgress: ({ newFiles }) => check<Same<typeof newFiles, ClassifiedFile[]>>() });

// @ts-expect-error
client.pollUntilDone(batch, { timeout: 5 });
// @ts-expect-error
client.pollUntilDone(batch, { timeoutMs: "5" });
// @ts-expect-error
client.pollUntilDone(batch, { onUnknownStatus: "ignore" });
// @ts-expect-error
client.pollUntilDone(batch, { signal: new AbortController() });
// @ts-expect-error
client.pollUntilDone(batch, null);
// @ts-expect-error a single request knows no interval
client.getBatchResults(batch, { intervalMs: 5_000 });

new ExtractaClient({
  onEvent: (event: ClientEvent) => {
    // An upload has no batch until it has made one.
    const common: [string, string | undefined, number] = [event.endpoint, event.batchId, event.pollId];
    void [common, event.extractionId, event.classificationId, event.fileId];
    switch (event.type) {
      case "response":
        return check<Same<typeof event.httpStatus, number>>();
      case "settled":
        // @ts-expect-error only a failure has one
        if (event.outcome === "done") event.code;
        if (event.outcome === "failed") check<Same<typeof event.code, ErrorCode>>();
        return void [event.attempts.toFixed(), event.elapsedMs.toFixed()];
      case "failure":
      case "retry":
        return check<Same<typeof event.code, ErrorCode>>();
      case "wait":
        return void [event.batchId.length, event.waitMs.toFixed()];
      case "warning":
        return void [event.message.length, event.fileIndex.toFixed()];
      case "wake":
        return void event.asleepMs.toFixed();
      case "pause":
        return void event.pauseMs.toFixed();
      case "request":
        // @ts-expect-error not answered yet
        event.httpStatus;
        return;
      default:
        return check<Same<typeof event, never>>();
    }
  },
});

// `fetch` as it is called: the platform's, another's, and wrappers of one line.
declare const undici: (input: string | URL, init?: { method?: string; signal?: AbortSignal | null; headers?: Record<string, string> }) => Promise<{ readonly status: number; readonly headers: Headers; json(): Promise<unknown> }>;
for (const own of [
  globalThis.fetch,
  (url: string, init: RequestInit) => fetch(url, { ...init, credentials: "include" }),
  (...given: Parameters<typeof fetch>) => fetch(...given),
  undici,
]) new ExtractaClient({ fetch: own });
new ExtractaClient({ fetch: async (url, init) => ({ status: 200, headers: { get: () => null }, json: async () => ({ url, body: init.body }) }) });
// @ts-expect-error a response can be read
new ExtractaClient({ fetch: async () => ({ status: 200 }) });

// What `new Headers()` takes, and values that may be missing.
declare const tenant: string | undefined;
for (const headers of [new Headers(), { "x-tenant": tenant }, [["x-team", "blue"] as [string, string]], new Map([["x-team", "blue"]])]) new ExtractaClient({ headers });

// Callbacks may be async, whatever they give.
client.pollUntilDone(batch, { onProgress: async ({ counts }) => counts.total });
new ExtractaClient({ onEvent: async (event) => event.type });

// A slip is reported against the options of the kind that was asked for. Each of these has to compile once the slip is mended.
// @ts-expect-error timeoutMs
client.pollUntilDone(batch, { timeout: 5 });
client.pollUntilDone(batch, { timeoutMs: 5 });
// @ts-expect-error timeoutMs
client.pollUntilDone({ classificationId: "c", batchId: "b" }, { timeout: 5 });
client.pollUntilDone({ classificationId: "c", batchId: "b" }, { timeoutMs: 5 });

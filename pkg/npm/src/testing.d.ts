import type { ClassificationBatch, ExtractionBatch, PlatformAbortSignal, PlatformURL } from "./index.js";

/**
 * The two results endpoints, for tests of an app: give its `fetch` to the client, or put it in place of the global one.
 * Nothing leaves the process.
 *
 * `batches` says for each batch id what is answered: a list, one reply for each request, the last one from then on; or a
 * function of the attempt, which counts from 1. A batch that is not in `batches` is answered with 404.
 */
export function fakeApi(batches: Record<string, FakeReply[] | FakeReplies>, options?: FakeApiOptions): FakeApi;

export interface FakeApi {
  /** Takes the place of the platform's. It knows a signal, and rejects with its reason. */
  fetch: (url: string | PlatformURL, init?: FakeFetchInit) => Promise<FakeResponse>;
  /** The requests so far, in order. */
  requests: FakeRequest[];
}

export interface FakeApiOptions {
  /** How long each answer takes, by `setTimeout`. Default 0: it is there at once. */
  delayMs?: number | undefined;
}

export type FakeReplies = (attempt: number, request: FakeRequest) => FakeReply | Promise<FakeReply>;

export interface FakeRequest {
  url: string;
  method: string;
  /** By name in lower case. */
  headers: Record<string, string>;
  /** The ids of the batch. */
  body: ExtractionBatch | ClassificationBatch;
  /** The number of the request among those for its batch, from 1. */
  attempt: number;
}

/** What `waiting`, `done`, `failing` and `unreachable` return. */
export type FakeReply = { status: number; body: unknown; headers: Record<string, string> } | { unreachable: true };

/** A file of a reply. Its id, name and status are made up where they are left out. */
export interface FakeFile {
  fileId?: string;
  fileName?: string;
  status?: string;
  result?: unknown;
  [member: string]: unknown;
}

/** Not finished yet: no files, or these, whose status is `"waiting"` unless they say another. */
export function waiting(files?: FakeFile[]): FakeReply;

/** Finished: these files, whose status is `"processed"` unless they say another; one without a result by default. */
export function done(files?: FakeFile[]): FakeReply;

/** An answer with another HTTP status. An object is sent as JSON. `headers`, for `{ "retry-after": "1" }` for instance. */
export function failing(status: number, body?: unknown, headers?: Record<string, string>): FakeReply;

/** No answer: `fetch` rejects, as it does without a network. */
export function unreachable(): FakeReply;

/**
 * Forgets what all lanes of this realm know: when the last request was, pauses, and what refusals taught. Call it before each
 * test, so that none waits for what another one sent. Polls that still run go on: close their clients.
 */
export function resetLanes(): void;

/** What is read of the second argument. */
export interface FakeFetchInit {
  method?: string;
  headers?: Record<string, string> | Iterable<readonly [string, string]>;
  body?: unknown;
  signal?: PlatformAbortSignal | null;
}

/** The platform's `Response`, or, where there is none, what the client reads of it. */
export type FakeResponse = typeof globalThis extends { Response: { prototype: infer T } }
  ? T
  : { readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string>; json(): Promise<unknown> };

declare global {
  // As lib "esnext.disposable" says it, which TypeScript has from 5.2 on: programs that are older or leave it out know it from here.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}

/**
 * Client for the two results endpoints of Extracta.ai.
 *
 * All clients of a page, Worker isolate or process that use the same token for the same endpoint share one lane: one request
 * in flight, the next no earlier than `minIntervalMs` after the last one started and after its response headers arrived.
 * `sharePacing` shares it further.
 *
 * Behind a proxy that paces the account, such as `extracta-wasm/proxy`, the client leaves the pace to it: replies then name the batch's
 * state in `extracta-state`, up to four requests are under way, one for each batch, and the proxy holds each until there is something new.
 */
export class ExtractaClient {
  /**
   * Does no I/O, starts no timer and uses no randomness, so it may run at module scope in a Worker.
   *
   * @throws {ExtractaError} `INVALID_OPTION` names the option, the type it got and what is allowed; `BROWSER_TOKEN` when
   * a literal API key is aimed at extracta.ai from a web page; `UNSUPPORTED` when WebAssembly cannot be used here.
   */
  constructor(options?: ClientOptions);

  /** Sends one request to `POST {baseUrl}/getBatchResults`. The batch may not be finished yet: look at `done`. */
  getBatchResults<F = ExtractedFields>(batch: ExtractionBatch, options?: QuestionOptions<Progress<F>>): Promise<BatchResults<F>>;

  /** Sends one request to `POST {baseUrl}/documentClassification/getResults`. The batch may not be finished yet: look at `done`. */
  getClassificationResults(batch: ClassificationBatch, options?: QuestionOptions<ClassificationProgress>): Promise<ClassificationResults>;

  /**
   * Polls the endpoint that the ids name until every file of the batch is finished. A file that failed is data
   * (`status: "failed"`), not an exception.
   *
   * With `followExtractions`, where a classified file carries an `extraction` link, the linked batch is polled too (once for
   * all files that share it) and the file's result joined as `extracted`. A linked extraction that fails is reported on its
   * files; the others arrive. `timeoutMs` and `signal` apply to the whole.
   */
  pollUntilDone<F = ExtractedFields, B extends ExtractionBatch = ExtractionBatch>(batch: B, options?: PollOptions<F>): Promise<DoneBatchResults<F>>;
  pollUntilDone<F = ExtractedFields, B extends ClassificationBatch = ClassificationBatch>(batch: B, options: FollowingPollOptions<F>): Promise<DoneClassificationResults<F>>;
  pollUntilDone<B extends ClassificationBatch>(batch: B, options?: ClassificationPollOptions): Promise<DoneClassificationResults>;
  pollUntilDone<F = ExtractedFields>(batch: AnyBatch, options: EitherPollOptions<F> & { followExtractions: true }): Promise<ResultsOf<AnyBatch, F>>;
  // Last, as its complaint is the one that is shown: it takes every batch, and so complains of what is amiss. Those above take
  // any batch of their kind as it is, or else this one would be preferred to them.
  pollUntilDone<F = ExtractedFields, B extends AnyBatch = AnyBatch>(batch: B, options?: OptionsOf<B, F>): Promise<ResultsOf<B, F>>;

  /**
   * Uploads files, to `POST {baseUrl}/uploadFiles` or `/documentClassification/uploadFiles`, and resolves to the API's reply,
   * which is itself a batch: `client.pollUntilDone(await client.uploadFiles(target, files))`.
   *
   * It is one request, outside the lanes and never repeated. If it fails after it began, the files may have arrived and may be
   * billed: `error.filesMayHaveArrived` says whether.
   */
  uploadFiles(target: ExtractionTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedExtraction>;
  uploadFiles(target: ClassificationTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedClassification>;
  uploadFiles(target: AnyTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedExtraction | UploadedClassification>;

  /**
   * Uploads files to an extraction, and polls until each of them is finished. An error after the upload has the ids of the
   * batch, so it can be polled: `client.pollUntilDone(error)`.
   */
  extract<F = ExtractedFields>(
    target: ExtractionTarget,
    files: Uploadable,
    options?: PollSettings & UploadAndPollOptions<Progress<F>>,
  ): Promise<DoneBatchResults<F>>;

  /** The same for a classification; see `extract`. */
  classify<F = ExtractedFields>(
    target: ClassificationTarget,
    files: Uploadable,
    options: PollSettings & UploadAndPollOptions<ClassificationProgress<F>> & { followExtractions: true },
  ): Promise<DoneClassificationResults<F>>;
  classify(
    target: ClassificationTarget,
    files: Uploadable,
    options?: PollSettings & UploadAndPollOptions<ClassificationProgress> & { followExtractions?: false | undefined },
  ): Promise<DoneClassificationResults>;

  /**
   * The same poll, watched. It starts at once; iterate it for progress, await its `result` for the finished batch.
   *
   * @throws {ExtractaError} `INVALID_OPTION`, at once.
   */
  watch<F = ExtractedFields, B extends ExtractionBatch = ExtractionBatch>(batch: B, options?: PollOptions<F>): Watch<DoneBatchResults<F>, Progress<F>>;
  watch<F = ExtractedFields, B extends ClassificationBatch = ClassificationBatch>(batch: B, options: FollowingPollOptions<F>): Watch<DoneClassificationResults<F>, ClassificationProgress<F>>;
  watch<B extends ClassificationBatch>(batch: B, options?: ClassificationPollOptions): Watch<DoneClassificationResults, ClassificationProgress>;
  watch<F = ExtractedFields>(batch: AnyBatch, options: EitherPollOptions<F> & { followExtractions: true }): Watch<ResultsOf<AnyBatch, F>, ProgressOf<AnyBatch, F>>;
  // Last, as its complaint is the one that is shown: it takes every batch, and so complains of what is amiss. Those above take
  // any batch of their kind as it is, or else this one would be preferred to them.
  watch<F = ExtractedFields, B extends AnyBatch = AnyBatch>(batch: B, options?: OptionsOf<B, F>): Watch<ResultsOf<B, F>, ProgressOf<B, F>>;

  /**
   * Polls many batches, of both endpoints, and yields each as it settles. One that fails never stops the others. Polling begins when you iterate, for all batches at once; the lanes decide the order. Leaving
   * the loop cancels the rest; an aborted `signal` throws its reason from the loop. If `jobs` is not iterable, or an option does
   * not exist, the first step throws.
   */
  pollMany<F = ExtractedFields, J extends Job = Job>(
    jobs: Iterable<J> | AsyncIterable<J>,
    options?: ManyPollOptions<F, J>,
  ): ManyPolls<J, F>;

  /**
   * Continues a poll from a snapshot, of `watch.snapshot()` or of a `POLL_TIMEOUT` error, in this or another process. The
   * interval is kept across the two, and attempts count on; files are reported again. Options given here win over those of the
   * snapshot. `timeoutMs` counts from now; without it the poll has the time it had left, or 30 minutes if it had none.
   *
   * A snapshot decides which batch is polled. With `batch`, a snapshot of any other batch is `INVALID_SNAPSHOT`.
   *
   * @throws {ExtractaError} `INVALID_SNAPSHOT` or `INVALID_OPTION`, at once.
   */
  resume<F = ExtractedFields>(
    snapshot: string,
    options: PollOptions<F> & { batch: ExtractionBatch },
  ): Watch<DoneBatchResults<F>, Progress<F>>;
  resume<F = ExtractedFields>(
    snapshot: string,
    options: FollowingPollOptions<F> & { batch?: ClassificationBatch | undefined },
  ): Watch<DoneClassificationResults<F>, ClassificationProgress<F>>;
  resume(
    snapshot: string,
    options: ClassificationPollOptions & { batch: ClassificationBatch },
  ): Watch<DoneClassificationResults, ClassificationProgress>;
  resume<F = ExtractedFields>(
    snapshot: string,
    options?: EitherPollOptions<F> & { batch?: AnyBatch | undefined },
  ): Watch<ResultsOf<AnyBatch, F>, ProgressOf<AnyBatch, F>>;

  /** What the lane of each endpoint that this client has used is doing, and why. For people and support cases. */
  lanes(): LaneReport[];

  /**
   * Rejects everything pending with `CLOSED` and releases what the client holds. Safe while calls are in flight. A client
   * that goes out of use is collected without it, unless its own functions (`onEvent`, `token`, `fetch`) refer to it.
   */
  close(): void;
  [Symbol.dispose](): void;
}

export interface ClientOptions {
  /**
   * The API key, or a provider that is called before each request, and again with `forceRefresh: true` after a 401.
   * Leave it out when a proxy of yours (`baseUrl`) adds the key: a web page should never hold it.
   */
  token?: string | TokenProvider | undefined;
  /**
   * Where the API is: an absolute http(s) URL, or, on a web page, a path such as `/api/extracta`, which is resolved at the
   * first call: a client may be made in code that a server renders too. Default `https://api.extracta.ai/api/v1`.
   */
  baseUrl?: string | PlatformURL | undefined;
  /** Used instead of the global `fetch`; called with a URL string and an init object, without `this`. */
  fetch?: PlatformFetch | undefined;
  /**
   * Sent with every request, for a proxy that wants them: whatever `new Headers()` takes; undefined values are left out.
   * The client sets `content-type` and, with a token, `authorization`. An `authorization` here is treated as a key.
   */
  headers?: HeadersSource | undefined;
  /** How long one HTTP attempt may take, body included. Default 30 000 ms, at least 1. */
  requestTimeoutMs?: number | undefined;
  /**
   * Least time between two requests to one endpoint. Default 2 000 ms, which is what the API asks for; less is
   * `INVALID_OPTION` for extracta.ai and allowed for a server of your own. The largest value given for a lane counts.
   * Behind a proxy that paces, it is only the least time from one request for a batch to the next, and the first wait after a failure.
   */
  minIntervalMs?: number | undefined;
  /**
   * With whom lanes are shared. Default: the clients of this page, worker or process. Otherwise an object: `originPacing()` of
   * `extracta-wasm/origin` for all tabs and workers of the web origin, `accountLane(…)` of `extracta-wasm/cloudflare` for all isolates,
   * `redisPacing(client)` of `extracta-wasm/redis` for servers on several machines, or your own. Not used behind a proxy that paces.
   */
  sharePacing?: SharedPacing | undefined;
  /** Allows a literal `token` for extracta.ai on a web page, where every visitor can read it. Default false. */
  allowTokenInBrowser?: boolean | undefined;
  /**
   * Called with each request and its outcome, each wait, and the end of each call, as plain data without token or
   * document content. What it throws, or rejects with, is ignored.
   */
  onEvent?: ((event: ClientEvent) => unknown) | undefined;
}

/**
 * Where clients of several pages, workers or machines agree on one lane. The client calls it for each request, once its own lane
 * is open. `lane` names endpoint and account without revealing the token; `member` is random, one for each page,
 * worker or process. Gaps are `minIntervalMs` and what refusals taught, and at least 200 ms.
 */
export interface SharedPacing {
  /**
   * Asks for the next slot of a lane. 0: the slot is the caller's, from now. Otherwise: the milliseconds after which to ask again.
   * Granting closes the lane for `gapMs`. If it throws, rejects, returns anything else, takes longer than `requestTimeoutMs`, or
   * grants a slot more than half a gap after it was asked for, the attempt counts as `NETWORK`: no request is sent, and a poll
   * tries again.
   */
  reserve(request: { lane: string; member: string; gapMs: number }): number | Promise<number>;
  /**
   * Keeps the lane closed for everyone for at least so many milliseconds from now. Called again and again while a request is
   * under way, once more (a gap) when its response headers arrived, and with the pause after a 429. The lane stays closed for
   * `marginMs` longer unless the same member calls again before: a page that crashes leaves a request that may still arrive. An
   * object that ignores the margin lets the next request come too soon then, by the time a request takes to arrive. Failures of
   * `hold` are ignored.
   */
  hold(request: { lane: string; member: string; closedForMs: number; marginMs: number }): void | Promise<void>;
}

export type TokenProvider = (context: { forceRefresh: boolean }) => string | Promise<string>;

export interface RequestOptions {
  /** Ends the call at once, during a wait or a request; it rejects with exactly `signal.reason`. */
  signal?: PlatformAbortSignal | undefined;
  /** Overrides the client's `requestTimeoutMs` for this call. */
  requestTimeoutMs?: number | undefined;
}

/** Options of a single request: `getBatchResults` and `getClassificationResults`. */
export interface QuestionOptions<P = Progress> extends RequestOptions {
  /** Called when the request takes its place in line (`attempt` 0, no files), and with its reply. */
  onProgress?: ((progress: P) => unknown) | undefined;
  /** Weight among the batches of a lane. Default 10, as somebody waits for the reply whatever it says; at least 0.01. */
  priority?: number | undefined;
  /**
   * For whom a server sends this request: any string. The lane's time is shared fairly between visitors, and each is charged for the
   * requests it waited for. Visitors that wait for the same batch share one request, and its failure. Default: no visitor.
   */
  visitor?: string | undefined;
  /** Used in place of the client's `fetch`, unless another call's request brings the reply. */
  fetch?: PlatformFetch | undefined;
}

/** Where files go: a new batch of an extraction, or with `batchId` one that exists. */
export interface ExtractionTarget {
  extractionId: string;
  batchId?: string | undefined;
}

/** Where files go: a new batch of a classification, or with `batchId` one that exists. */
export interface ClassificationTarget {
  classificationId: string;
  batchId?: string | undefined;
}

export type AnyTarget = ExtractionTarget | ClassificationTarget;

/** One file, or several: an array, the `files` of an `<input type="file">` or of a drop. At least one, and none of them empty. */
export type Uploadable = UploadFile | Iterable<UploadFile> | ArrayLike<UploadFile>;

/**
 * A document: a `File`, a `Blob` that has a name, as Bun's files have, or its `name` and `data`. The API reads PDF, Word,
 * text and pictures; a name without one of their extensions is reported as a `warning` event.
 */
export type UploadFile = (PlatformBlob & { readonly name?: string | undefined }) | { readonly name: string; readonly data: UploadData };

/**
 * Bytes, text, a `Blob`, or a stream: a `ReadableStream` or any async iterable of bytes, such as a Node stream. Node, Deno, Bun
 * and Workers send a stream as it comes; a browser reads it to its end first.
 */
export type UploadData = string | ArrayBufferLike | ArrayBufferView | PlatformBlob | AsyncIterable<Uint8Array | string> | { getReader(): unknown };

export interface UploadOptions {
  /** Ends the upload at once; it rejects with exactly `signal.reason`. The files may have arrived. */
  signal?: PlatformAbortSignal | undefined;
  /** How long the upload may take, answer included. Default 600 000 ms (10 minutes); `Infinity` for no limit. */
  uploadTimeoutMs?: number | undefined;
  /** Called when the upload begins, after each piece of a stream, and when all is there. What it throws ends the upload. */
  onProgress?: ((progress: UploadProgress) => unknown) | undefined;
}

export interface UploadProgress {
  /** Bytes of the files that were handed to the platform. The platform reports no progress of forms: without a stream it is 0, then everything. */
  sentBytes: number;
  /** Bytes of all files; absent where one of them is a stream. */
  totalBytes?: number;
}

/** What `extract` and `classify` take besides the options of a poll, whose `timeoutMs` begins when the upload ends. */
export interface UploadAndPollOptions<P> {
  /** How long the upload may take. Default 600 000 ms (10 minutes); `Infinity` for no limit. */
  uploadTimeoutMs?: number | undefined;
  /** Called as for an upload, then as for a poll. What it throws, or its promise rejects with, rejects the call. */
  onProgress?: ((progress: ({ phase: "upload" } & UploadProgress) | ({ phase: "results" } & P)) => unknown) | undefined;
}

/** The API's reply to an upload, untouched: a batch to poll, and how many files are to be expected. */
export interface UploadedExtraction {
  extractionId: string;
  batchId: string;
  status?: string;
  /** An entry for each file. What it holds beside the id is not documented. */
  files?: { fileId?: string; [member: string]: JsonValue | undefined }[];
}

/** The API's reply to an upload, untouched: a batch to poll, and how many files are to be expected. */
export interface UploadedClassification extends Omit<UploadedExtraction, "extractionId"> {
  classificationId: string;
}

/** What both kinds of poll take; see `PollOptions` and `ClassificationPollOptions`. */
export interface PollSettings extends RequestOptions {
  /**
   * Deadline of the whole poll: the call settles by then, whatever is under way or offline. Default 1 800 000 (30 minutes);
   * `Infinity` for no limit. The last request may start up to 2 seconds before, and is cut off at the deadline.
   */
  timeoutMs?: number | undefined;
  /** Time from the start of one poll of this batch to the next. Default and least: the client's `minIntervalMs`. */
  intervalMs?: number | undefined;
  /** Wait before the first poll. Default 0. */
  initialDelayMs?: number | undefined;
  /** How many transient failures in a row the poll survives. Default 5; 0 for none. */
  maxRetries?: number | undefined;
  /** What a file status that this version does not know means. Default `"wait"`. */
  onUnknownStatus?: "wait" | "done" | "throw" | undefined;
  /**
   * How many files the batch has, if you know: among many batches of a lane, those that should be finished go
   * first. A whole number, at least 1. Only a hint: a wrong one costs a little delay.
   */
  expectedFiles?: number | undefined;
  /** Weight among the batches of a lane. Default 1, at least 0.01; 2 makes a minute's delay count as two. */
  priority?: number | undefined;
}

export interface PollOptions<F = ExtractedFields> extends PollSettings {
  /**
   * Called when the poll takes its place in line (`attempt` 0, no files), after each answer, and with the finished results
   * last. What it throws, or its promise rejects with, rejects the poll.
   */
  onProgress?: ((progress: Progress<F>) => unknown) | undefined;
}

export interface ClassificationPollOptions extends PollSettings {
  /**
   * Called when the poll takes its place in line (`attempt` 0, no files), after each answer, and with the finished results
   * last. What it throws, or its promise rejects with, rejects the poll.
   */
  onProgress?: ((progress: ClassificationProgress) => unknown) | undefined;
  followExtractions?: false | undefined;
}

/** A classification whose linked extractions are polled too. */
export interface FollowingPollOptions<F = ExtractedFields> extends PollSettings {
  /** As for other polls; a file with a link counts as new, and as processed, once its `extracted` is there. */
  onProgress?: ((progress: ClassificationProgress<F>) => unknown) | undefined;
  followExtractions: true;
}

/** What a poll takes whose batch may be of either kind. */
export interface EitherPollOptions<F = ExtractedFields> extends PollSettings {
  /** As for either kind. */
  onProgress?: ((progress: Progress<F> | ClassificationProgress<F>) => unknown) | undefined;
  followExtractions?: boolean | undefined;
}

/** What a poll of a batch takes, by the ids it names. */
export type OptionsOf<B, F = ExtractedFields> = [B] extends [ExtractionBatch]
  ? PollOptions<F>
  : [B] extends [ClassificationBatch]
    ? ClassificationPollOptions | FollowingPollOptions<F>
    : EitherPollOptions<F>;

/** Options for each of many polls. Hints on a job win over those given here. */
export interface ManyPollOptions<F = ExtractedFields, J = Job> extends PollSettings {
  /** Called after each reply for any of the batches, with the job as you passed it and its index among the jobs. */
  onProgress?: ((progress: Progress<F> | ClassificationProgress<F>, job: J, index: number) => unknown) | undefined;
  /** Whether to also poll the batches that classified files link to. Default false. */
  followExtractions?: boolean | undefined;
}

export interface ExtractionBatch {
  extractionId: string;
  batchId: string;
  /** Asks for one file of the batch. */
  fileId?: string | undefined;
}

export interface ClassificationBatch {
  classificationId: string;
  batchId: string;
  /** Asks for one file of the batch. */
  fileId?: string | undefined;
}

export type AnyBatch = ExtractionBatch | ClassificationBatch;

/** One job of `pollMany`: a batch, or the snapshot of a poll to continue, with hints of its own. */
export type Job = (AnyBatch | { snapshot: string }) & {
  expectedFiles?: number | undefined;
  priority?: number | undefined;
};

/** How each of many polls ended, as they end. */
export interface ManyPolls<J extends Job = Job, F = ExtractedFields> extends AsyncGenerator<Settled<J, F>, void, undefined> {
  /**
   * A snapshot of each poll that has begun and is open, for `{ snapshot }` jobs of another process. Empty once the loop is left.
   */
  snapshots(): string[];
}

/** How one of many batches ended. It has either `results` or `error`: check `"error" in settled`. */
export type Settled<J extends Job = Job, F = ExtractedFields> =
  | { job: J; index: number; results: ResultsOf<J, F> }
  | { job: J; index: number; error: unknown };

/** The finished results of a job, by the ids it names. */
export type ResultsOf<J, F = ExtractedFields> = J extends ExtractionBatch
  ? DoneBatchResults<F>
  : J extends ClassificationBatch
    ? DoneClassificationResults<F>
    : DoneBatchResults<F> | DoneClassificationResults<F>;

/** The progress of a batch, by the ids it names. */
export type ProgressOf<B, F = ExtractedFields> = B extends ExtractionBatch ? Progress<F> : ClassificationProgress<F>;

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** What an extraction template yields: strings, lists and nested objects, keyed by the template's field keys. */
export type ExtractedFields = Record<string, JsonValue>;

/** The reply itself, with every member the API sent, and `done` and `files` made certain. Narrow on `done`. */
export type BatchResults<F = ExtractedFields> = WaitingBatchResults<F> | DoneBatchResults<F>;

export interface WaitingBatchResults<F = ExtractedFields> {
  done: false;
  extractionId: string;
  batchId: string;
  fileId?: string;
  status?: string;
  files: ExtractedFile<F>[];
}

export interface DoneBatchResults<F = ExtractedFields> {
  done: true;
  extractionId: string;
  batchId: string;
  fileId?: string;
  files: ExtractedFile<F>[];
}

export type ClassificationResults<F = never> = WaitingClassificationResults<F> | DoneClassificationResults<F>;

export interface WaitingClassificationResults<F = never> {
  done: false;
  classificationId: string;
  batchId: string;
  fileId?: string;
  status?: string;
  files: ClassifiedFile<F>[];
}

export interface DoneClassificationResults<F = never> {
  done: true;
  classificationId: string;
  batchId: string;
  fileId?: string;
  status?: string;
  files: ClassifiedFile<F>[];
}

export interface ExtractedFile<F = ExtractedFields> {
  fileId?: string;
  fileName?: string;
  status: FileStatus;
  result?: F;
  /** Link to the stored document. Whoever has it can read the document: treat it as a secret. */
  url?: string;
  /** Why the file failed, where the API says so. */
  error?: string;
}

export interface ClassifiedFile<F = never> {
  fileId?: string;
  fileName?: string;
  status: FileStatus;
  /** `documentType` may be `"other"` and its letter case may differ from your list; `confidence` is 0 to 1. */
  result?: { documentType: string; confidence: number };
  /** Present when the type is linked to an extraction template: poll these ids for the fields, or `followExtractions`. */
  extraction?: { extractionId: string; batchId: string; fileId?: string };
  /** With `followExtractions`: the file's result in the linked batch, or `status: "failed"` and why there is none. */
  extracted?: ExtractedFile<F>;
  /** Link to the stored document. Whoever has it can read the document: treat it as a secret. */
  url?: string;
  /** Why the file failed, where the API says so. */
  error?: string;
}

/** Whether a file is finished and has a result, which it then is known to have. */
export function isProcessed<T extends { status: FileStatus; result?: unknown }>(
  file: T,
): file is T & { status: "processed"; result: NonNullable<T["result"]> };

/** `processed` and `failed` are final. The list is open: the API may send others. */
export type FileStatus = "processed" | "failed" | "waiting" | "processing" | (string & {});

/** What both kinds of progress have; see `Progress` and `ClassificationProgress`. */
export interface PollProgress<File, Results> {
  /**
   * Requests of this poll so far that reached the network, failed ones included; 0 while it waits in line for the first. A request
   * that a proxy held without news does not count.
   */
  attempt: number;
  elapsedMs: number;
  /** When the next poll is expected, from now; absent once done. */
  nextPollInMs?: number;
  /** Batches that go before this one on its lane. */
  queuePosition: number;
  /** `total` is `expectedFiles` until the API shows files. */
  counts: { total: number; processed: number; failed: number; pending: number };
  /** Files that became final since the last progress, each exactly once. */
  newFiles: File[];
  results: Results;
}

export interface Progress<F = ExtractedFields> extends PollProgress<ExtractedFile<F>, BatchResults<F>> {}
export interface ClassificationProgress<F = never> extends PollProgress<ClassifiedFile<F>, ClassificationResults<F>> {}

/**
 * A running poll. Iterating yields progress: a slow reader gets the latest one, with `newFiles` of those it missed added.
 * Leaving the loop early cancels the poll. Not itself a thenable.
 */
export interface Watch<R, P> extends AsyncIterable<P> {
  /** The finished batch. If nobody awaits it, its rejection is not reported as unhandled. */
  readonly result: Promise<R>;
  /** The latest progress, at any time; at first the place in line. */
  readonly progress: P;
  /** Polls at the next permitted moment, when a webhook arrives for instance. Never breaks `minIntervalMs`. */
  nudge(): void;
  /**
   * The poll as a small string, for `client.resume()`: ids, options and counts; no token, no document content.
   */
  snapshot(): string;
  /** Ends the poll; `result` rejects with `reason`, or an `AbortError` without one. */
  cancel(reason?: unknown): void;
}

export type Endpoint = "getBatchResults" | "documentClassification/getResults";

export type UploadEndpoint = "uploadFiles" | "documentClassification/uploadFiles";

/** One lane: an endpoint for one token. Counts are those of this copy of the package. */
export interface LaneReport {
  endpoint: Endpoint;
  /** Polls and single calls that wait for a slot. */
  waiting: number;
  inFlight: boolean;
  /** Until the lane opens; at least as long as this while a request is in flight. */
  nextSlotInMs: number;
  /** The least time between two requests as it stands: `minIntervalMs`, and what refusals taught. */
  gapMs: number;
  /** How much longer the lane pauses after a 429; 0 if it does not. */
  pausedForMs: number;
  requests: number;
  /** Requests answered with 429. */
  refusals: number;
  /** The least time from the start of one request to the next so far. */
  smallestGapMs?: number;
  /** The last 50, the oldest first. */
  decisions: LaneDecision[];
}

/** One decision of a lane about a batch that wants a slot, and why. */
export type LaneDecision =
  | { batchId: string; agoMs: number; decision: "sent" }
  | {
      batchId: string;
      agoMs: number;
      decision: "waits";
      reason: "notDue" | "floor" | "inFlight" | "paused" | "behindOthers";
      asksAgainAfterMs: number;
      /** How many others go first, with `behindOthers`. */
      behind?: number;
    };

/** Plain data for logs and metrics: no token, no header, no document content. */
export type ClientEvent = (EventSource & EventKind) | (UploadSource & UploadEventKind);

/** Which upload an event is of. */
export interface UploadSource {
  /** The number of the call, among those of polls. */
  pollId: number;
  endpoint: UploadEndpoint;
  extractionId?: string;
  classificationId?: string;
  /** Once it is known. */
  batchId?: string;
  fileId?: undefined;
}

export type UploadEventKind =
  /** A file may not be one that the API reads; it is uploaded all the same. */
  | { type: "warning"; fileIndex: number; message: string }
  | Extract<EventKind, { type: "request" | "response" | "failure" | "settled" }>;

/** Which call an event is of. */
export interface EventSource {
  /** The number of the call: two calls for one batch differ in it. Counted by this copy of the package. */
  pollId: number;
  endpoint: Endpoint;
  extractionId?: string;
  classificationId?: string;
  batchId: string;
  fileId?: string;
}

export type EventKind =
  /** The next request, or the first, is expected after this time. */
  | { type: "wait"; waitMs: number }
  | { type: "request"; attempt: number }
  | { type: "response"; attempt: number; httpStatus: number; durationMs: number }
  /** The request got no response. */
  | { type: "failure"; attempt: number; code: ErrorCode; durationMs: number }
  | { type: "retry"; attempt: number; code: ErrorCode; waitMs: number }
  | { type: "pause"; pauseMs: number }
  /** The machine slept, as the wall clock shows; that time counts towards `timeoutMs`. */
  | { type: "wake"; asleepMs: number }
  /** The call ended: once for each. `cancelled`: aborted, cancelled, or ended by what a function of yours threw. */
  | { type: "settled"; outcome: "done" | "cancelled"; attempts: number; elapsedMs: number }
  | { type: "settled"; outcome: "failed"; code: ErrorCode; attempts: number; elapsedMs: number };

export type ErrorCode =
  | "INVALID_OPTION"
  | "BROWSER_TOKEN"
  /** There is no WebAssembly here, or compiling it is forbidden. */
  | "UNSUPPORTED"
  | "INVALID_SNAPSHOT"
  /** The client was closed, or stopped by a fault of its own, which is the `cause`. A new client works. */
  | "CLOSED"
  | "NETWORK"
  | "REQUEST_TIMEOUT"
  | "RATE_LIMITED"
  | "SERVER"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_REQUEST"
  | "API_ERROR"
  | "NOT_JSON"
  | "UNEXPECTED_REPLY"
  | "UNKNOWN_STATUS"
  | "POLL_TIMEOUT"
  | "RETRIES_EXHAUSTED";

/** The one error class of the package. Its message is one line that says what to do. */
export class ExtractaError extends Error {
  private constructor();
  readonly name: "ExtractaError";
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly endpoint?: Endpoint | UploadEndpoint;
  /** The batch, where that is known. */
  readonly batchId?: string;
  readonly extractionId?: string;
  readonly classificationId?: string;
  readonly fileId?: string;
  /** Where requests went. */
  readonly url?: string;
  readonly httpStatus?: number;
  /** What the server said, cut to 200 characters. */
  readonly serverMessage?: string;
  readonly retryAfterMs?: number;
  readonly attempts?: number;
  readonly elapsedMs?: number;
  /** The option at fault, on `INVALID_OPTION`. */
  readonly option?: string;
  /** How often each outcome was seen, on `POLL_TIMEOUT`. */
  readonly observed?: Record<string, number>;
  /**
   * On a call that uploads: whether the files may have arrived, and may be billed. If it is false, nothing arrived. If it is true,
   * `retryable` is false.
   */
  readonly filesMayHaveArrived?: boolean;
  /** What `client.resume()` continues from, on `POLL_TIMEOUT`. */
  readonly snapshot?: string;
  /** The last failure on `RETRIES_EXHAUSTED`, and on `POLL_TIMEOUT` after one; the platform's own error on `NETWORK`. */
  readonly cause?: unknown;
  /** The fields above, for logs. */
  toJSON(): Record<string, unknown>;
}

/** Recognises an `ExtractaError`, also one from another realm or another copy of the package. */
export function isExtractaError<C extends ErrorCode = ErrorCode>(
  value: unknown,
  code?: C,
): value is ExtractaError & { readonly code: C };

/** The platform's `URL` where the program's types have it (lib "dom", @types/node, Workers types), else what is read of it. */
export type PlatformURL = typeof globalThis extends { URL: { prototype: infer T } } ? T : { readonly href: string };

/** The platform's `AbortSignal`, else what is used of it. */
export type PlatformAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer T } }
  ? T
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      addEventListener(type: "abort", listener: () => void): void;
      removeEventListener(type: "abort", listener: () => void): void;
    };

/** The platform's `Blob`, else what is used of it. */
export type PlatformBlob = typeof globalThis extends { Blob: { prototype: infer T } } ? T : { readonly size: number; stream(): unknown };

/** The platform's `FormData`, else anything. */
export type PlatformForm = typeof globalThis extends { FormData: { prototype: infer T } } ? T : object;

/** The platform's `ReadableStream`, else anything. */
export type PlatformStream = typeof globalThis extends { ReadableStream: { prototype: infer T } } ? T : object;

/** `fetch` as it is called, and what is read of its response. */
export type PlatformFetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  method: "POST";
  headers: Record<string, string>;
  /** Text of a poll; the form of an upload, or a stream where a file of it is one. */
  body: string | PlatformForm | PlatformStream;
  /** With a stream. */
  duplex?: "half";
  /** `"error"` of uploads in Node, which would hold all of a body that it might have to send again. */
  redirect: "manual" | "error";
  window?: null;
  /** Where the platform's `Request` knows it: frameworks that cache what is fetched must not keep replies. */
  cache?: "no-store";
  signal: PlatformAbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  json(): Promise<unknown>;
}

/** What `new Headers()` takes, and values that may be missing. */
export type HeadersSource =
  | Record<string, string | undefined>
  | Iterable<readonly [string, string]>
  | (typeof globalThis extends { Headers: { prototype: infer T } } ? T : never);

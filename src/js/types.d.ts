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
 * Every client of a page, Worker isolate or process that aims the same token at the same endpoint shares one lane: one
 * request in flight, the next no earlier than `minIntervalMs` after the last one started and after its response headers
 * arrived. `sharePacing` shares it further.
 *
 * Behind a proxy that paces the account, as `extracta-wasm/proxy` does, that is the proxy's affair: its replies name the batch's
 * state in `extracta-state`. Then up to four requests are under way, one for each batch, and each is held until there is something
 * new.
 */
export class ExtractaClient {
  /**
   * Does no I/O, starts no timer and uses no randomness, so it may run at module scope in a Worker.
   *
   * @throws {ExtractaError} `INVALID_OPTION` names the option, the type it got and what is allowed; `BROWSER_TOKEN` when
   * a literal API key is aimed at extracta.ai from a web page; `UNSUPPORTED` when WebAssembly cannot be used here.
   */
  constructor(options?: ClientOptions);

  /** Asks `POST {baseUrl}/getBatchResults` once. The answer may still be waiting: look at `done`. */
  getBatchResults<F = ExtractedFields>(batch: ExtractionBatch, options?: QuestionOptions<Progress<F>>): Promise<BatchResults<F>>;

  /** Asks `POST {baseUrl}/documentClassification/getResults` once. The answer may still be waiting: look at `done`. */
  getClassificationResults(batch: ClassificationBatch, options?: QuestionOptions<ClassificationProgress>): Promise<ClassificationResults>;

  /**
   * Polls the endpoint that the ids name until every file of the batch is finished. A file that failed is data
   * (`status: "failed"`), not an exception.
   *
   * With `followExtractions`, where a classified file carries an `extraction` link, the linked batch is polled too (once for
   * all files that share it) and the file's result joined as `extracted`. A linked extraction that fails is told there, on
   * its files; the rest arrives. `timeoutMs` and `signal` count for the whole.
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
   * One request, never repeated by itself and in no lane. Where it fails after it began, the files may have arrived all the
   * same, and may be billed: `error.filesMayHaveArrived` says whether.
   */
  uploadFiles(target: ExtractionTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedExtraction>;
  uploadFiles(target: ClassificationTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedClassification>;
  uploadFiles(target: AnyTarget, files: Uploadable, options?: UploadOptions): Promise<UploadedExtraction | UploadedClassification>;

  /**
   * Uploads files to an extraction, and polls until each of them is finished. An error that comes after the upload has the
   * ids of the batch and is itself one to poll: `client.pollUntilDone(error)`.
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
   * Polls many batches, of both endpoints, and yields each as it settles: what is done first comes first, and one that
   * fails never stops the others. Polling begins with the iteration, and all at once: the lanes see to the order. Leaving
   * the loop cancels the rest; an aborted `signal` throws its reason from the loop. What is no iterable, and an option that
   * does not exist, is thrown by the first step.
   */
  pollMany<F = ExtractedFields, J extends Job = Job>(
    jobs: Iterable<J> | AsyncIterable<J>,
    options?: ManyPollOptions<F, J>,
  ): ManyPolls<J, F>;

  /**
   * Goes on with a poll from a text that `watch.snapshot()` or a `POLL_TIMEOUT` error gave, in this or another process. It
   * keeps the floor across the two, and counts on where it was; files are told anew. Options given here go before those
   * it had. `timeoutMs` counts from now; without it the poll has what was left, or 30 minutes where nothing was.
   *
   * Snapshots are yours to trust: whoever writes one decides which batch is asked for. With `batch`, one of any other batch is
   * `INVALID_SNAPSHOT`.
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

  /** What each endpoint's lane is doing and why, of the endpoints this client has used. For people and support cases. */
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
   * `content-type` and, with a token, `authorization` are ours. An `authorization` here is a key, and kept as one.
   */
  headers?: HeadersSource | undefined;
  /** How long one HTTP attempt may take, body included. Default 30 000 ms, at least 1. */
  requestTimeoutMs?: number | undefined;
  /**
   * Least time between two requests to one endpoint. Default 2 000 ms, which is what the API asks for; less is
   * `INVALID_OPTION` for extracta.ai and allowed for a server of your own. The largest value given for a lane counts.
   * Behind a proxy that paces, only the time from one request for a batch to the next, and the base of backoff.
   */
  minIntervalMs?: number | undefined;
  /**
   * With whom lanes are shared. Default: the clients of this page, worker or process. An object: whoever asks the same place,
   * machines included. `originPacing()` of `extracta-wasm/origin` is one, for all tabs and workers of the web origin;
   * `redisPacing(client)` of `extracta-wasm/redis` one for servers on several machines. Not asked behind a proxy that paces.
   */
  sharePacing?: SharedPacing | undefined;
  /** Allows a literal `token` for extracta.ai on a web page, where every visitor can read it. Default false. */
  allowTokenInBrowser?: boolean | undefined;
  /**
   * Told of each request and what came of it, each wait, and the end of each call, as plain data without token or document
   * content. What it throws, or rejects with, is ignored.
   */
  onEvent?: ((event: ClientEvent) => unknown) | undefined;
}

/**
 * Where clients of several pages, workers or machines agree on one lane. Asked once the lane of this page is open, and for
 * each request anew. `lane` names endpoint and account without giving the token away; `member` is random, one for each page,
 * worker or process. Gaps are `minIntervalMs` and what refusals taught, and at least 200 ms.
 */
export interface SharedPacing {
  /**
   * Asks for the next slot of a lane. 0: the slot is the asker's, from now; else: ask again after so many milliseconds.
   * Granting closes the lane for `gapMs`. What throws, rejects, gives no such number, takes longer than `requestTimeoutMs`
   * or grants a slot more than half a gap after it was asked counts as `NETWORK`: no request is sent, and a poll tries again.
   */
  reserve(request: { lane: string; member: string; gapMs: number }): number | Promise<number>;
  /**
   * Keeps the lane closed for everybody for so many milliseconds from now at the least: renewed while a request is under
   * way, once more (a gap) when its response headers arrived, and with the pause after a refusal. And for `marginMs` longer, unless
   * the same member holds it anew before: a page that crashes leaves a request that may still arrive. An object that leaves the
   * margin out lets the next request come sooner than a gap then, by the time a request takes to arrive. Its failures are ignored.
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

/** What a single question takes. */
export interface QuestionOptions<P = Progress> extends RequestOptions {
  /** Called when the question takes its place in line (`attempt` 0, no files), and with its answer. */
  onProgress?: ((progress: P) => unknown) | undefined;
  /** Weight among the batches of a lane. Default 10, as somebody waits for the answer whatever it says; at least 0.01. */
  priority?: number | undefined;
  /**
   * On whose behalf, where a server asks for many: any text. The lane's time is shared fairly between visitors, each is charged for
   * what it waited for, and a request that fails has failed for all who waited with the same question. Default: nobody's.
   */
  visitor?: string | undefined;
  /** Used in place of the client's `fetch`, should this question's request be the one that is sent. */
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
 * text and pictures; a name that does not end like theirs is a `warning` event.
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
  /** Bytes of the files that were handed to the platform. It tells nothing of its own forms: without a stream it is 0, then all. */
  sentBytes: number;
  /** Bytes of all files; absent where one of them is a stream. */
  totalBytes?: number;
}

/** What `extract` and `classify` take beside the options of a poll, whose `timeoutMs` begins when the files are there. */
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
   * `Infinity` for no limit. The last permitted request starts up to 2 seconds before, and is cut off at the deadline.
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
   * How many files the batch has, if you know: among many batches of a lane, those that should be finished are asked for
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

/** Options for each of many polls. Hints on a job go before those given here. */
export interface ManyPollOptions<F = ExtractedFields, J = Job> extends PollSettings {
  /** Called after each answer for any of the batches, with the job as you passed it and its place among the jobs. */
  onProgress?: ((progress: Progress<F> | ClassificationProgress<F>, job: J, index: number) => unknown) | undefined;
  /** Whether to poll what classified files link to as well. Default false. */
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

/** One of many: a batch, or a snapshot of a poll to go on from, with hints of its own. */
export type Job = (AnyBatch | { snapshot: string }) & {
  expectedFiles?: number | undefined;
  priority?: number | undefined;
};

/** How each of many polls ended, as they end. */
export interface ManyPolls<J extends Job = Job, F = ExtractedFields> extends AsyncGenerator<Settled<J, F>, void, undefined> {
  /**
   * A snapshot of each poll that is open, for `{ snapshot }` jobs of another process. Of those that have begun; none once the
   * loop is left.
   */
  snapshots(): string[];
}

/** How one of many batches ended. `results` and `error` exclude each other: `"error" in settled` tells. */
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

/** What both kinds of progress tell; see `Progress` and `ClassificationProgress`. */
export interface PollProgress<File, Results> {
  /**
   * Polls of this batch so far that reached the network, failed ones included; 0 while it waits in line for the first. One that
   * a proxy held without news is none.
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
  /** The finished batch. Rejections of a poll that nobody awaits are not reported as unhandled. */
  readonly result: Promise<R>;
  /** The latest progress, at any time; at first the place in line. */
  readonly progress: P;
  /** Asks for the next poll at the next permitted moment, on word from a webhook, say. Never breaks the floor. */
  nudge(): void;
  /**
   * The poll as a small text to go on from with `client.resume()`: ids, options and counts; no token, no document content.
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
  /** For how much longer the server wants to be left alone; 0 where it does not. */
  pausedForMs: number;
  requests: number;
  /** Requests answered with 429. */
  refusals: number;
  /** The least time from the start of one request to the next so far. */
  smallestGapMs?: number;
  /** The last 50, the oldest first. */
  decisions: LaneDecision[];
}

/** What a lane answered to a batch that asked for its turn, and why. */
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
  /** The next request, the first too, is expected after so long. */
  | { type: "wait"; waitMs: number }
  | { type: "request"; attempt: number }
  | { type: "response"; attempt: number; httpStatus: number; durationMs: number }
  /** The request got no response. */
  | { type: "failure"; attempt: number; code: ErrorCode; durationMs: number }
  | { type: "retry"; attempt: number; code: ErrorCode; waitMs: number }
  | { type: "pause"; pauseMs: number }
  /** The machine slept, as the wall clock tells; it counts towards `timeoutMs`. */
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
  /** The client was closed, or stopped by a fault of its own, which `cause` then is: a new one works. */
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
  /** The batch that was asked for, where that is known. */
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
   * On a call that uploads: whether the files may be there, and billed. Only where it is false did nothing arrive. `retryable`
   * is false where it is true.
   */
  readonly filesMayHaveArrived?: boolean;
  /** What `client.resume()` goes on from, on `POLL_TIMEOUT`. */
  readonly snapshot?: string;
  /** The last failure on `RETRIES_EXHAUSTED`, and on `POLL_TIMEOUT` after one; the platform's complaint on `NETWORK`. */
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

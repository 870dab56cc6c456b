import type {
  ClassificationBatch,
  DoneBatchResults,
  DoneClassificationResults,
  ErrorCode,
  ExtractedFields,
  ExtractedFile,
  ExtractionBatch,
} from "./index.js";

/**
 * Receives Extracta's webhook, which reports extractions only: poll classifications. Loads no wasm. One receiver serves all
 * requests; creating it does no I/O, so it may be created at module scope in a Worker.
 *
 * The signature covers the list `result` only, not the event's name and not the time. Someone who saw a delivery can send it again,
 * and under another name, but cannot invent or change a file. Treat `event` as a hint, and make sure that doing your work twice
 * does no harm. If a delivery is lost, the poll still finds the results.
 */
export class WebhookReceiver {
  /** @throws {WebhookError} `INVALID_OPTION`. */
  constructor(options: WebhookReceiverOptions);

  /**
   * Verifies a delivery, passes its event to `onEvent` unless that happened before, nudges the polls that follow its batches,
   * and returns the answer to send: 200, also for duplicates; 401 for a wrong or missing signature; 400 for what is not an event;
   * 413 for too much. Its body says the same in JSON.
   *
   * What `onEvent` throws is thrown here, and the event counts as not received, so that the sender may try again.
   *
   * @throws {WebhookError} `INVALID_OPTION` for something that is not a request with its raw body: a mistake of the server.
   */
  handle<F = ExtractedFields>(
    delivery: WebhookDelivery,
    onEvent?: (event: WebhookEvent<F>) => void | Promise<void>,
  ): Promise<PlatformResponse>;

  /** The same without the answer: rejects with the `WebhookError` whose `status` to answer with. */
  receive<F = ExtractedFields>(
    delivery: WebhookDelivery,
    onEvent?: (event: WebhookEvent<F>) => void | Promise<void>,
  ): Promise<{ event: WebhookEvent<F>; duplicate: boolean }>;

  /**
   * Nudges the watch whenever an event about its batch arrives, until the watch settles: it then polls at the next moment that
   * its lane permits, whatever its `intervalMs`. The webhook itself ends no poll. Returns the watch.
   *
   * It knows the watches of this process or isolate only, and a Worker's requests may be served by many. Follow a watch in the
   * request that began it; in Workers this needs a compatibility date of 2024-10-14 or later.
   *
   * @throws {WebhookError} `INVALID_OPTION`.
   */
  follow<W extends Followable>(watch: W, batch: ExtractionBatch): W;
}

/**
 * Verifies one delivery and reads its event: no answer, no duplicates, no nudge.
 *
 * @throws {WebhookError} Any of its codes, as a rejection.
 */
export function verifyWebhook<F = ExtractedFields>(
  delivery: WebhookDelivery,
  options: VerifyWebhookOptions,
): Promise<WebhookEvent<F>>;

export interface VerifyWebhookOptions {
  /**
   * The secret that deliveries are signed with, as the dashboard shows it, with `E_AI_K_` or without; a list while you change
   * it. The documentation means the secret of the webhook settings; some users report that their API key is what signs.
   */
  secret: string | readonly string[];
  /** The longest body that is taken in, in bytes. Default 5 000 000; a whole number, at least 1. */
  maxBodyBytes?: number | undefined;
  /**
   * Whether a body that a gateway has rewritten on the way is also verified as `JSON.stringify` writes it here, if the signature
   * does not fit it as it stands. Default false: for this a body must be parsed before it is known who sent it, and
   * anybody can send one that takes thirty times its bytes in memory. Where it is true, keep `maxBodyBytes` small.
   */
  acceptRewritten?: boolean | undefined;
}

export interface WebhookReceiverOptions extends VerifyWebhookOptions {
  /**
   * Which events came before, by their `id`. Default: the latest 10 000, in memory. An object of your own, over a database for
   * instance, remembers them across processes.
   */
  seen?: SeenEvents | undefined;
}

/**
 * A `Set` is one. An id is added after `onEvent` is through. Copies that arrive meanwhile at the same receiver wait for that, up to
 * 30 seconds; those that arrive in the same moment at two processes may both be handed over, and none is lost. Ids are 64 hexadecimal digits, a hash from which nothing of the documents can be read.
 */
export interface SeenEvents {
  has(id: string): boolean | Promise<boolean>;
  add(id: string): unknown;
}

/** A watch of the client, or anything else that can be nudged and that says when it is over. */
export interface Followable {
  nudge(): void;
  readonly result: PromiseLike<unknown>;
}

/**
 * The request as it came: a `Request`, a request of Node or Express, or headers and raw body of anything else. Nothing may have
 * parsed its body. The type of its content is not looked at.
 */
export type WebhookDelivery = PlatformRequest | WebhookRequest;

/** Headers and raw body. Without a `body`, the request itself must be the stream, as Node's is. */
export interface WebhookRequest {
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Text, bytes, or a stream of bytes. */
  body?: unknown;
}

/** A verified delivery. */
export interface WebhookEvent<F = ExtractedFields> {
  /** What happened, according to the delivery. Not covered by the signature: a hint. */
  event: WebhookEventName;
  /** The batches it is about, each with the files that it reports: not always all of them. */
  batches: WebhookBatch<F>[];
  /** The signed list as it arrived. For an event unknown to this version, only this is sure to be complete. */
  result: unknown[];
  /** The same for the same event about the same files, as 64 hexadecimal digits. */
  id: string;
}

/**
 * `processed`: all files of an upload are. `failed`: a file could not be processed. `edited` and `confirmed`: somebody did so in
 * the dashboard. The list is open: the API may send others, of up to 100 visible ASCII characters.
 */
export type WebhookEventName =
  | "extraction.processed"
  | "extraction.failed"
  | "extraction.edited"
  | "extraction.confirmed"
  | (string & {});

export interface WebhookBatch<F = ExtractedFields> {
  extractionId: string;
  batchId: string;
  files: WebhookFile<F>[];
}

/** A file as the API's results have it, and whose it is. */
export interface WebhookFile<F = ExtractedFields> extends ExtractedFile<F> {
  extractionId: string;
  batchId: string;
}

export type WebhookErrorCode =
  /** An option is wrong, or the delivery is not a request with its raw body: a mistake of the server. */
  | "INVALID_OPTION"
  | "SIGNATURE_MISSING"
  | "SIGNATURE_MISMATCH"
  /**
   * No JSON object with one `event` and one `result`, not UTF-8, cut short, more than 16 384 bytes before or behind `result`, or
   * known as an event but not about files.
   */
  | "MALFORMED"
  | "TOO_LARGE";

/** Its message is one line that says what to do, without anything of the body or a secret. */
export class WebhookError extends Error {
  private constructor();
  readonly name: "WebhookError";
  readonly code: WebhookErrorCode;
  /** The HTTP status to answer with: 401, 400, 413, or 500 with `INVALID_OPTION`. */
  readonly status: number;
  /** The fields above, for logs. */
  toJSON(): Record<string, unknown>;
}

/** Recognises a `WebhookError`, also one from another realm or another copy of the package. */
export function isWebhookError<C extends WebhookErrorCode = WebhookErrorCode>(
  value: unknown,
  code?: C,
): value is WebhookError & { readonly code: C };

/**
 * Reads a request that a `callback` of durable polls (`extracta-wasm/cloudflare`) was sent and verifies its signature, before
 * anything of it is parsed; `undefined` where that is wrong or missing, or its timestamp is off by more than `toleranceMs`.
 * What the headers show to be wrong costs no look at the body. Of several signatures the first eight count. The same id may come
 * more than once.
 *
 * @throws {TypeError} If the secret is not `whsec_` and 24 to 64 bytes in base64, or an option has a wrong value.
 * @throws {WebhookError} `TOO_LARGE`; `MALFORMED` where the body breaks off; `INVALID_OPTION` for something that is not a request
 * with its raw body.
 */
export function verifyDelivery<F = ExtractedFields>(
  request: WebhookDelivery,
  secret: string,
  options?: VerifyDeliveryOptions,
): Promise<Delivery<F> | undefined>;

export interface VerifyDeliveryOptions {
  /** How far the clocks may be apart, and how late a delivery may be. Default 300 000; at least 0. */
  toleranceMs?: number | undefined;
  /** The longest body that is taken in, in bytes. Default 25 000 000; a whole number, at least 1. */
  maxBodyBytes?: number | undefined;
}

/** What durable polls deliver: the results, or why there are none. */
export type Delivery<F = ExtractedFields> = { id: string; batch: ExtractionBatch | ClassificationBatch } & (
  | { results: DoneBatchResults<F> | DoneClassificationResults<F> }
  | { error: { code: ErrorCode; message: string } }
);

/** The platform's `Request` where the program's types have it (lib "dom", @types/node, Workers types), else what is read of it. */
export type PlatformRequest = typeof globalThis extends { Request: { prototype: infer T } }
  ? T
  : { readonly headers: { get(name: string): string | null }; readonly body: unknown };

/** The platform's `Response`, else what can be read of it. */
export type PlatformResponse = typeof globalThis extends { Response: { prototype: infer T } }
  ? T
  : { readonly status: number; text(): Promise<string> };

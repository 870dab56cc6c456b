import type {
  ClassificationBatch,
  ClientOptions,
  DoneBatchResults,
  DoneClassificationResults,
  ErrorCode,
  ExtractedFields,
  ExtractionBatch,
  PollSettings,
  SharedPacing,
} from "./index.js";
import type { ProxyOptions } from "./proxy.js";
import type { Delivery } from "./webhooks.js";

export { verifyDelivery, type Delivery, type VerifyDeliveryOptions } from "./webhooks.js";

/**
 * A Durable Object that is the lane of an account for all isolates: it says when the next request may start. Bind a namespace
 * to it, as a class with SQLite storage (`new_sqlite_classes`), and give the client `sharePacing: accountLane(env.LANE)`. Its
 * record is stored, so the interval is kept across evictions, deploys and restarts. The constructor does nothing.
 */
export class ExtractaLane {
  /** What Workers types ask of the class of a Durable Object. */
  readonly __DURABLE_OBJECT_BRAND: never;
  constructor(ctx: any, env: any);
  reserve(request: { lane: string; member: string; gapMs: number }): number;
  hold(request: { lane: string; member: string; closedForMs: number; marginMs?: number }): void;
}

/** The client's option `sharePacing`, from a namespace bound to `ExtractaLane`. Accounts of one Worker differ by `name`. */
export function accountLane(namespace: LaneNamespace, name?: string): SharedPacing;

/** A `DurableObjectNamespace<ExtractaLane>`, as far as it is used. */
export interface LaneNamespace {
  idFromName(name: string): any;
  get(id: any): any;
}

/**
 * The proxy of `extracta-wasm/proxy` for all isolates: a Durable Object that holds everybody's requests, exact and fair across isolates,
 * and that is the account's lane as well. Bind a namespace to this class or one that extends it, with SQLite storage
 * (`new_sqlite_classes`), and pass requests on to one object for each account: `env.PROXY.getByName("account").fetch(request)`. The
 * time at which the lane opens is stored before a request is sent, so the floor holds across evictions, deploys and restarts.
 *
 * Other clients of the account share the lane with `sharePacing: accountLane(env.PROXY)`. With the compatibility flags
 * `enable_request_signal` and `request_signal_passthrough` the object learns of visitors that leave; without, each is taken to stay until
 * its hold ends.
 */
export class ExtractaProxy<Env = any> extends ExtractaLane {
  protected readonly ctx: any;
  protected readonly env: Env;
  constructor(ctx: any, env: Env);

  /**
   * The options of the proxy, called once in the object's life. Default: `token` from `env.EXTRACTA_API_KEY` and `baseUrl` from
   * `env.EXTRACTA_BASE_URL`. Override it to say who may ask for what. Not callable over RPC.
   */
  protected options(): ProxyOptions;

  /** A page's request, as it came, or with an address that ends in one of the two results paths. */
  fetch(request: any): Promise<any>;
}

/**
 * Polls that outlive the request that started them: a Durable Object that polls by alarm, with the client's own state machine,
 * and delivers each batch that ends. Use one object for each account. Bind a namespace to this class or one that extends it,
 * with SQLite storage (`new_sqlite_classes`).
 *
 * It stores ids, options, counts, states and errors, but no document and no token. The results of a batch whose delivery failed are
 * fetched again, until they are delivered or the time is over. Alarms and deliveries happen at least once: receivers recognise repetitions by
 * the id. Restarts, deploys and exceptions lose no batch, and the interval is kept across them: after a stop in the middle of a
 * request the lane stays closed for as long as that request could have taken.
 *
 * Its public methods are called through a stub: `env.POLLS.getByName("account").start(…)`. An argument at fault is a
 * `TypeError` or an `ExtractaError` with `INVALID_OPTION`.
 */
export class ExtractaPolls<Env = any> {
  /** What Workers types ask of the class of a Durable Object. */
  readonly __DURABLE_OBJECT_BRAND: never;
  protected readonly ctx: any;
  protected readonly env: Env;
  constructor(ctx: any, env: Env);

  /** How long one alarm polls. Default 30 000 ms, at most 600 000. */
  protected workMs: number;
  /** How long one delivery may take. Default 10 000 ms, at most 600 000. */
  protected deliveryTimeoutMs: number;
  /**
   * Wait before the second delivery, doubled with each further one, up to 15 minutes. Default 5 000 ms, at most a day. A target
   * (the origin of a callback, a queue, a bucket) that failed three times in a row is left alone for as long, then tried with one
   * delivery; its other deliveries wait, send nothing and delay nobody, and go out once it works again. A batch in the middle of
   * whose request the object stopped twice waits as well, and after four times counts as failed.
   */
  protected retryMs: number;
  /** For how long it is known what became of a poll, of the latest 50 000. Default 7 days, at most 365. */
  protected keepMs: number;
  /** Whether callbacks may go to this machine (localhost, 127.0.0.1, [::1]), by http too: for development. Default false. */
  protected allowLocalCallbacks: boolean;

  /**
   * The options of the client that polls, or a promise of them, called at each alarm. Default: `token` from
   * `env.EXTRACTA_API_KEY` and `baseUrl` from `env.EXTRACTA_BASE_URL`. Override it to name others, and to share a lane with the rest
   * of the Worker. While it throws, or the key is missing, malformed or refused, no request is sent except one that tests the key, at
   * most once in half a minute; `fault` of each status says so, and no poll ends before its deadline. Not callable over RPC.
   */
  protected client(): ClientOptions | Promise<ClientOptions>;

  /**
   * Delivers one batch and resolves once that was acknowledged. Default: to the `target` given to `start`. Override it to
   * deliver elsewhere; it must give up by itself or when `signal` is aborted, and may be called again with the same `id`. Of
   * what it throws only the message of a `DeliveryError` is stored. Not callable over RPC.
   */
  protected deliver(delivery: Delivery, target: any, context: { signal: AbortSignalLike }): Promise<void>;

  /**
   * Stores the batches and returns their ids; polling begins by itself. All are stored or none. A batch may bring an `id` of its
   * own, of 1 to 200 visible ASCII characters: one that is known already changes nothing, so a start may be repeated at any time. At
   * most 10 000 batches may be pending in one object. No key is needed yet.
   */
  start(batches: DurableBatch | readonly DurableBatch[], options: StartOptions): Promise<string[]>;

  /** `undefined` for an id that is not known, or no longer known. */
  status(id: string): Promise<PollStatus | undefined>;

  /** In the order of their ids, those after `after`; at most `limit`: 100 by default, at most 1 000. */
  list(options?: { state?: PollState; after?: string; limit?: number }): Promise<PollStatus[]>;

  /** Ends a poll and delivers nothing, unless a delivery was acknowledged before. */
  cancel(id: string): Promise<PollStatus | undefined>;

  /**
   * Makes the polls of a batch send a request at the next moment that the lane permits, when a webhook arrives for instance. Without the
   * first id, the polls of every batch with that `batchId`. Returns the ids of the polls.
   */
  nudge(batch: { extractionId?: string; classificationId?: string; batchId: string }): Promise<string[]>;

  /**
   * `GET` with one `id` or several in the query answers with server-sent events: the status of each, as JSON, now and whenever
   * it changes. The answer ends when all of these polls have; an `EventSource` is to be closed on `settledAt`. 503 with `Retry-After` where 1 000 read already, 404 for an id that
   * is not known.
   */
  fetch(request: any): Promise<any>;

  alarm(): Promise<void>;
}

/** A batch to poll, with hints for its order among others. */
export type DurableBatch = (ExtractionBatch | ClassificationBatch) & {
  /** Default: a random one. */
  id?: string | undefined;
  expectedFiles?: number | undefined;
  priority?: number | undefined;
};

/**
 * Options of the poll are those of the client, with defaults for longer waits: `timeoutMs` 86 400 000 (a day), `maxRetries`
 * 10 000.
 */
export interface StartOptions
  extends Pick<
    PollSettings,
    "timeoutMs" | "intervalMs" | "initialDelayMs" | "maxRetries" | "requestTimeoutMs" | "onUnknownStatus"
  > {
  followExtractions?: boolean | undefined;
  /** Where to deliver. A class with a `deliver()` of its own may take anything that is JSON. It is stored: name no secret's value. */
  deliver: DeliveryTarget | OwnTarget;
  /** For how long delivery is tried, from the poll's end on. Default 86 400 000 (a day). */
  deliverWithinMs?: number | undefined;
}

/** Where finished batches go. `secret`, `queue` and `bucket` are names: of a secret and of bindings of the Worker. */
export type DeliveryTarget =
  | {
      /**
       * An https URL of a public host, without user and password, that is sent each `Delivery` as JSON, by POST. Any 2xx acknowledges; redirects are not followed. The headers
       * `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` are those of the Standard Webhooks specification:
       * HMAC-SHA256 over id, timestamp and the exact bytes of the body, with a dot between them. See `verifyDelivery`.
       */
      callback: string;
      /** The secret it is signed with: `whsec_` and 24 to 64 random bytes in base64. */
      secret: string;
    }
  | {
      /** A Queue; each `Delivery` is one message, as JSON. One over 128 KB is not delivered, and the status says so. */
      queue: string;
    }
  | {
      /** An R2 bucket; each `Delivery` is one object, as JSON, whose key is the id. */
      bucket: string;
      /** Put before the id. Default none. */
      prefix?: string | undefined;
    };

/** What a `deliver()` of one's own is given: anything that is JSON. */
export interface OwnTarget {
  readonly [member: string]: unknown;
  callback?: never;
  queue?: never;
  bucket?: never;
}

/** `polling`, then `delivering`, then one of the others for good. */
export type PollState = "polling" | "delivering" | "delivered" | "undelivered" | "cancelled";

/** Ids, counts and states: nothing of a document. */
export interface PollStatus {
  id: string;
  batch: ExtractionBatch | ClassificationBatch;
  state: PollState;
  /** How the poll ended. */
  outcome?: "done" | "failed";
  /** As in the last progress; absent before the first. */
  counts?: { total: number; processed: number; failed: number; pending: number };
  /** Polls that reached the network. */
  attempts: number;
  /** Why the poll failed, in the package's words: nothing of what the server said is stored. */
  error?: { code: ErrorCode; message: string };
  /** How often delivery was tried. */
  deliveries: number;
  /** Why the last delivery failed. */
  deliveryError?: string;
  /** Why no request is sent at present: `client()` or its token function throws, or the key is missing, malformed or refused. */
  fault?: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** When nothing was left to do. */
  settledAt?: number;
}

/** A failure of a delivery whose message may be stored and shown. With `final`, it is not tried again. */
export class DeliveryError extends Error {
  constructor(message: string, options?: { final?: boolean });
  readonly final: boolean;
}

/**
 * The same poll in a Workflow: a step for each request, `step.sleep` between them. The Workflow keeps what was polled, so a
 * replay repeats no request that was answered. Documents go to `deliver` only and are no part of a step's output, which is limited
 * to 1 MiB. A Workflow has a limited number of steps and each request is one: with the default `intervalMs` of 10 000, 1 024
 * steps last for 2.8 hours; sleeps are not counted.
 *
 * Workflows share no lane unless the client has `sharePacing: accountLane(…)`, which also keeps the interval when a step is
 * repeated.
 *
 * @throws {ExtractaError} Why the poll ended without results, after which the Workflow should end as well.
 */
export function pollInWorkflow<F = ExtractedFields>(
  step: WorkflowStepLike,
  batch: DurableBatch,
  options: WorkflowPollOptions<F>,
): Promise<{ id: string; batch: ExtractionBatch | ClassificationBatch; attempts: number; counts: PollStatus["counts"] }>;

export interface WorkflowPollOptions<F = ExtractedFields> extends Omit<StartOptions, "deliver" | "deliverWithinMs"> {
  client: ClientOptions;
  /** Given the finished results, within the last step. What it throws has the step tried again, with the same `id`. */
  deliver: (delivery: { id: string; batch: ExtractionBatch | ClassificationBatch; results: DoneBatchResults<F> | DoneClassificationResults<F> }) => void | Promise<void>;
  /** Begins the names of the steps; must differ between polls of one Workflow. Default `"extracta"`. */
  name?: string | undefined;
  /** The `WorkflowStepConfig` of the steps that poll. Default: 10 retries from 5 seconds on, doubling; a limit of 10 minutes. */
  config?: object | undefined;
}

/** A `WorkflowStep`, as far as it is used. */
export interface WorkflowStepLike {
  do(name: string, callback: () => Promise<any>): Promise<any>;
  do(name: string, config: any, callback: () => Promise<any>): Promise<any>;
  sleep(name: string, duration: number): Promise<void>;
}

/** An `AbortSignal`, where the program's types have it. */
export type AbortSignalLike = typeof globalThis extends { AbortSignal: { prototype: infer T } } ? T : { readonly aborted: boolean };

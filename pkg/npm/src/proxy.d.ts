import type { ClassificationBatch, ClientOptions, ExtractionBatch, TokenProvider } from "./index.js";

/**
 * The server between web pages and the API: it keeps the key, and paces the account for all who visit. All visitors share the
 * account's lane. Requests for the same batch are sent once; time is shared fairly between visitors; a request is held for its turn.
 *
 * The function it returns answers `POST` to any path that ends in `/getBatchResults` or `/documentClassification/getResults`; everything else is
 * 404 or 405. In a Worker pass the handler's `ctx`: without its `waitUntil` a visitor that leaves in the middle of a request keeps the
 * lane closed for as long as that could have taken.
 *
 * @throws {TypeError} An option has a wrong value, or does not exist.
 * @throws {ExtractaError} `INVALID_OPTION`: the same, for an option that the client has too.
 */
export function createProxy(options: ProxyOptions): (request: Request, context?: ProxyContext) => Promise<Response>;

export interface ProxyOptions
  extends Pick<ClientOptions, "baseUrl" | "fetch" | "requestTimeoutMs" | "minIntervalMs" | "sharePacing" | "onEvent"> {
  /** The API key, or a function that returns it, as for the client. */
  token: string | TokenProvider;
  /** How long one request to the API may take. Default 10 000 ms here, because a request that hangs keeps everybody waiting. */
  requestTimeoutMs?: number | undefined;
  /**
   * Decides which request may ask for which batch, and for which visitor. It is called for each request, before anything is answered.
   * `false` is answered with 403, and a `Response` is the answer. A string names the visitor, between whom the lane's time is shared. With
   * `true` the visitor is `context.visitor`, or at Cloudflare the address of the connection; without either, all are one visitor. If it throws,
   * the proxy rejects with the same. Pages of other origins are refused before. The body has been read: use `batch`.
   *
   * Default: pages of the proxy's own origin may ask for every batch of the account.
   */
  authorize?:
    | ((
        request: Request,
        batch: ExtractionBatch | ClassificationBatch,
      ) => boolean | string | Response | Promise<boolean | string | Response>)
    | undefined;
  /**
   * How long a request may be held, in milliseconds. Default 20 000, from 0 to 3 600 000. Hosts cut requests off, so stay below their
   * limit: 8 000 for a limit of 10 s, for instance. Longer holds make fewer requests.
   */
  maxHoldMs?: number | undefined;
  /**
   * Whether files may be uploaded through the proxy: `true` for pages of the proxy's own origin, or a function that decides for each
   * request, of programs too; pages of other origins are refused before. Default `false`: 404. The function must not read the body,
   * which names the extraction or classification and is sent on as it comes. Anyone who may upload can send files to all of the account's, and
   * the account pays.
   */
  uploads?: boolean | ((request: Request) => boolean | Response | Promise<boolean | Response>) | undefined;
  /** How many bytes one upload may have. Default 104 857 600 (100 MiB); more is answered with 413. A whole number, at least 1. */
  maxUploadBytes?: number | undefined;
  /** How long an upload may take, answer included. Default 600 000 ms (10 minutes). */
  uploadTimeoutMs?: number | undefined;
  /** How many requests may be held at once, of all visitors. Default 1 000; a whole number, at least 1. */
  maxHeld?: number | undefined;
}

export interface ProxyContext {
  /** That of a Worker's `ctx`. It lets a request to the API end after its visitor has left. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** The visitor, unless `authorize` names one: the address of the connection, for instance. Of IPv6 the first half counts. */
  visitor?: string | undefined;
  /** Aborted when the visitor leaves. Default: `request.signal`. */
  signal?: AbortSignal | undefined;
}

/**
 * The proxy as a handler for Node's `http`, Express and the like. The visitor is the socket's address. Behind another server all sockets
 * have that server's address, so name visitors in `authorize`.
 */
export function toNodeHandler(
  proxy: (request: Request, context?: ProxyContext) => Promise<Response>,
): (incoming: any, outgoing: any, next?: (error: unknown) => void) => Promise<void>;

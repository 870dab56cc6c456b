// Errors: one class, a closed list of codes, a guard that narrows.
import { ExtractaError, isExtractaError, type Endpoint, type UploadEndpoint, type ErrorCode } from "extracta-wasm";
import { check, type Same } from "./expect.mjs";

declare const thrown: unknown;

if (isExtractaError(thrown)) {
  check<Same<typeof thrown.code, ErrorCode>>();
  check<Same<typeof thrown.name, "ExtractaError">>();
  check<Same<typeof thrown.endpoint, Endpoint | UploadEndpoint | undefined>>();
  check<Same<typeof thrown.filesMayHaveArrived, boolean | undefined>>();
  check<Same<typeof thrown.retryable, boolean>>();
  const error: Error = thrown;
  const observed: number | undefined = thrown.observed?.["waiting"];
  const batch: (string | undefined)[] = [thrown.batchId, thrown.extractionId, thrown.classificationId, thrown.fileId, thrown.url];
  void [batch, error, observed, thrown.httpStatus, thrown.serverMessage, thrown.retryAfterMs, thrown.attempts, thrown.elapsedMs, thrown.option, thrown.cause, thrown.toJSON()];
  // @ts-expect-error fields are for reading
  thrown.code = "CLOSED";
} else {
  // @ts-expect-error still unknown
  thrown.code;
}

if (isExtractaError(thrown, "RATE_LIMITED")) {
  check<Same<typeof thrown.code, "RATE_LIMITED">>();
  const waitMs: number | undefined = thrown.retryAfterMs;
  void waitMs;
}
// @ts-expect-error no such code
isExtractaError(thrown, "RATE_LIMIT");
// @ts-expect-error the package makes them
new ExtractaError();

if (thrown instanceof ExtractaError) check<Same<typeof thrown.code, ErrorCode>>();

/** Names every code: one more or one less does not compile. */
function advice(code: ErrorCode): string {
  switch (code) {
    case "INVALID_OPTION":
    case "BROWSER_TOKEN":
    case "UNSUPPORTED":
    case "INVALID_SNAPSHOT":
    case "CLOSED":
      return "change the code";
    case "NETWORK":
    case "REQUEST_TIMEOUT":
    case "RATE_LIMITED":
    case "SERVER":
    case "NOT_JSON":
    case "POLL_TIMEOUT":
    case "RETRIES_EXHAUSTED":
      return "try again later";
    case "UNAUTHENTICATED":
    case "FORBIDDEN":
      return "check the key";
    case "NOT_FOUND":
    case "BAD_REQUEST":
    case "API_ERROR":
      return "check the ids";
    case "UNEXPECTED_REPLY":
    case "UNKNOWN_STATUS":
      return "look for a newer version";
    default:
      check<Same<typeof code, never>>();
      return code;
  }
}
void advice;

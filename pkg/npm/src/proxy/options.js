// What a proxy is made of. The client checks its own options.
import { ExtractaClient } from "extracta-wasm";
import { own } from "../own.js";

const OF_CLIENT = ["token", "baseUrl", "fetch", "requestTimeoutMs", "minIntervalMs", "sharePacing", "onEvent"];
const OWN = ["authorize", "maxHoldMs", "maxHeld", "uploads", "maxUploadBytes", "uploadTimeoutMs"];

// What the API asks for between two requests, which is the client's default.
const MIN_INTERVAL_MS = 2_000;

// One that hangs keeps the account's lane from everybody.
const REQUEST_TIMEOUT_MS = 10_000;

// Below every common limit of hosts and clients, which is 30 s.
const MAX_HOLD_MS = 20_000;
const LONGEST_HOLD_MS = 3_600_000;
const MAX_HELD = 1_000;

// Documents of a visitor in one go, and as long as the client gives an upload.
const MAX_UPLOAD_BYTES = 104_857_600;
const UPLOAD_TIMEOUT_MS = 600_000;
const LONGEST_TIMER_MS = 2_147_483_647;

export function settingsOf(given) {
  if (typeof given !== "object" || given === null) throw new TypeError("createProxy takes an object of options: { token }.");
  for (const name of Object.keys(given)) {
    if (![...OF_CLIENT, ...OWN].includes(name)) throw new TypeError(`${JSON.stringify(name)} is not an option of a proxy; it takes ${[...OF_CLIENT, ...OWN].join(", ")}.`);
  }
  const options = own(given, [...OF_CLIENT, ...OWN]);
  const { token, authorize, maxHoldMs = MAX_HOLD_MS, maxHeld = MAX_HELD } = options;
  const { uploads = false, maxUploadBytes = MAX_UPLOAD_BYTES, uploadTimeoutMs = UPLOAD_TIMEOUT_MS } = options;
  if (token === undefined) throw new TypeError("A proxy needs the token that it adds: the API key, or a function that gives it.");
  if (authorize !== undefined && typeof authorize !== "function") throw new TypeError("authorize must be a function.");
  if (!(Number.isFinite(maxHoldMs) && maxHoldMs >= 0 && maxHoldMs <= LONGEST_HOLD_MS)) {
    throw new TypeError(`maxHoldMs must be a number of milliseconds from 0 to ${LONGEST_HOLD_MS}.`);
  }
  if (!(Number.isInteger(maxHeld) && maxHeld >= 1)) throw new TypeError("maxHeld must be a whole number, at least 1.");
  if (typeof uploads !== "boolean" && typeof uploads !== "function") throw new TypeError("uploads must be true, false or a function.");
  if (!(Number.isInteger(maxUploadBytes) && maxUploadBytes >= 1)) throw new TypeError("maxUploadBytes must be a whole number of bytes, at least 1.");
  if (!(uploadTimeoutMs >= 1 && uploadTimeoutMs <= LONGEST_TIMER_MS)) {
    throw new TypeError(`uploadTimeoutMs must be a number of milliseconds from 1 to ${LONGEST_TIMER_MS}.`);
  }
  const client = { requestTimeoutMs: REQUEST_TIMEOUT_MS };
  for (const name of OF_CLIENT) if (options[name] !== undefined) client[name] = options[name];
  // Complains now of what is amiss.
  new ExtractaClient(client).close();
  const upload = { uploads, maxUploadBytes, uploadTimeoutMs };
  return { client, authorize, maxHoldMs, maxHeld, ...upload, intervalMs: client.minIntervalMs ?? MIN_INTERVAL_MS };
}

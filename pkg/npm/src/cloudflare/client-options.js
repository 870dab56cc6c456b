// What the author of a Worker says of the client: at each alarm anew, so that nothing of it need be stored.
import { ExtractaClient } from "extracta-wasm";
import { bare } from "../own.js";
import { Fault } from "./words.js";

const TIMEOUT_MS = 30_000;

// What `client()` gives, now or later.
export async function optionsOf(client) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Fault(`client() took longer than ${TIMEOUT_MS} ms.`)), TIMEOUT_MS);
  });
  try {
    const options = await Promise.race([client(), late]);
    if (typeof options !== "object" || options === null) throw new Fault("client() must return the options of a client, or a promise of them.");
    return bare(options);
  } finally {
    clearTimeout(timer);
  }
}

// A client that checks ids and options, by the pace of the one that will poll. It needs no key: there may be none at the moment.
export async function checkingClient(client) {
  let given;
  try {
    given = await optionsOf(client);
  } catch {
    // Status tells. Without its options nobody knows what the client's pace is: whatever it is, it keeps it.
    return new ExtractaClient({ baseUrl: "https://polls.invalid/", minIntervalMs: 0 });
  }
  const { baseUrl, minIntervalMs, requestTimeoutMs } = given;
  return new ExtractaClient({ baseUrl, minIntervalMs, requestTimeoutMs });
}

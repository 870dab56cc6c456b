// What all visitors of an account share, in one realm: who is held, what was just answered, who was asked to come back. Plain data
// alone, so that requests of a Worker may share it.
import { ExtractaClient } from "extracta-wasm";
import { Hash } from "./hash.js";

// Bundles load a module more than once: what is shared belongs to the realm. Another version may keep other things.
const REGISTRY = Symbol.for("extracta-wasm.proxy.1");

// So many are remembered that were asked to come back.
const MOST_PROMISES = 10_000;

// Whoever was asked to come back is waited for so long.
const PROMISE_LASTS_MS = 10_000;

// An entry is a lease: one that was to end so long ago has lost its request.
const LEASE_MS = 1_000;

const API = "https://api.extracta.ai/api/v1";

export const now = () => performance.now();

// Where the requests of a client go.
export function apiAddress({ baseUrl = API }) {
  return `${baseUrl}`.replace(/\/+$/, "");
}

// The state of an account is that of its address and token, whoever made the proxy.
export function accountOf(settings) {
  const { token } = settings.client;
  const accounts = (globalThis[REGISTRY] ??= new Map());
  const address = apiAddress(settings.client);
  const key = typeof token === "function" ? token : fingerprint(token);
  const known = accounts.get(key) ?? new Map();
  accounts.set(key, known);
  if (!known.has(address)) known.set(address, new Account(settings));
  return known.get(address);
}

export class Account {
  // The requests that are held, by visitor, the oldest first.
  #held = new Map();
  #sharedRequests = new Map();
  // When who was asked to come back, by visitor and request.
  #promises = new Map();
  #sweptAt = -Infinity;
  #options;
  #client;
  heldCount = 0;

  constructor({ client }) {
    this.#options = client;
  }

  // One for all: it paces what they ask.
  get client() {
    return (this.#client ??= new ExtractaClient(this.#options));
  }

  // Should a client have stopped by a fault of its own, a new one works.
  renewClient(stopped) {
    if (this.#client === stopped) this.#client = undefined;
  }

  // One endpoint and the ids of one batch: what visitors wait for, and what was last answered.
  sharedRequest(key) {
    const sharedRequest = this.#sharedRequests.get(key) ?? { key, waiting: new Set(), underWay: 0, latest: undefined, reply: undefined };
    this.#sharedRequests.set(key, sharedRequest);
    return sharedRequest;
  }

  forgetUnused(sharedRequest) {
    const isUsed = sharedRequest.waiting.size > 0 || sharedRequest.underWay > 0 || sharedRequest.latest || sharedRequest.reply;
    if (!isUsed && this.#sharedRequests.get(sharedRequest.key) === sharedRequest) this.#sharedRequests.delete(sharedRequest.key);
  }

  // What it holds of replies at present: for whoever looks for a leak.
  kept() {
    return [...this.#sharedRequests.values()].flatMap(({ key, latest, reply }) => [{ key, latest, reply }]);
  }

  add(hold) {
    const { visitor, sharedRequest } = hold;
    const own = this.#held.get(visitor) ?? new Set();
    this.#held.set(visitor, own.add(hold));
    sharedRequest.waiting.add(hold);
    this.heldCount += 1;
  }

  remove(hold) {
    const { visitor, sharedRequest } = hold;
    const own = this.#held.get(visitor);
    if (!own?.delete(hold)) return;
    this.heldCount -= 1;
    if (own.size === 0) this.#held.delete(visitor);
    sharedRequest.waiting.delete(hold);
    this.forgetUnused(sharedRequest);
  }

  // Room for one more of a visitor: where there is none, the newest place of whoever has most, if that is more.
  makeRoom(visitor, maxHeld) {
    this.#sweep();
    if (this.heldCount < maxHeld) return true;
    let most = [];
    for (const own of this.#held.values()) if (own.size > (most.size ?? 0)) most = own;
    if (most.size <= (this.#held.get(visitor)?.size ?? 0) + 1) return false;
    const newest = [...most].at(-1);
    newest.giveUpPlace();
    return true;
  }

  // Of requests that ended without a word, as those of a Worker do that are cut off.
  #sweep() {
    const time = now();
    if (time - this.#sweptAt < LEASE_MS) return;
    this.#sweptAt = time;
    for (const own of [...this.#held.values()]) {
      for (const hold of [...own]) if (hold.until + LEASE_MS < time) hold.leave();
    }
  }

  // How many of those who are away will be there by then: they count from the moment on for which they were asked to come.
  expectedBy(time) {
    let count = 0;
    for (const at of this.#promises.values()) if (at <= time) count += 1;
    return count;
  }

  promise(hold, at) {
    const key = promiseKey(hold);
    this.#promises.delete(key);
    this.#promises.set(key, at);
    if (this.#promises.size > MOST_PROMISES) this.#promises.delete(this.#promises.keys().next().value);
  }

  // When a visitor was asked to come back, unless that is long ago.
  promised(hold) {
    this.#forgetPromises();
    return this.#promises.get(promiseKey(hold));
  }

  keepPromise(hold) {
    this.#promises.delete(promiseKey(hold));
  }

  #forgetPromises() {
    const time = now();
    for (const [key, at] of this.#promises) if (at + PROMISE_LASTS_MS < time) this.#promises.delete(key);
  }
}

function promiseKey({ visitor, sharedRequest }) {
  return `${visitor}\n${sharedRequest.key}`;
}

// A token is no key of anything that others can read.
function fingerprint(token) {
  const hash = new Hash();
  hash.add(token);
  return hash.text();
}

// An account's lane for all isolates: a Durable Object that says when the next request may start.
import { DurableObject } from "cloudflare:workers";
import { asOf, hold, reserve } from "../origin/reservation.js";
import { bare } from "../own.js";
import { checkNumber, checkText } from "./ranges.js";

const LONGEST_NAME = 500;
const LONGEST_MS = 86_400_000;
const FORGOTTEN_AFTER_MS = 86_400_000;

// Its records are stored before an answer leaves the object, so the floor holds across evictions, deploys and restarts.
// Between reading a record and storing the next one nothing is awaited: requests to the object cannot come between.
export class ExtractaLane extends DurableObject {
  #hasForgotten = false;

  reserve(request) {
    const { lane, member, gapMs } = bare(request);
    checkText(lane, "lane", LONGEST_NAME);
    checkText(member, "member", LONGEST_NAME);
    checkNumber(gapMs, "gapMs", 0, LONGEST_MS);
    const { kv } = this.ctx.storage;
    this.#forgetOnce();
    const { record, waitMs } = reserve(kv.get(lane), { member, gapMs }, Date.now());
    kv.put(lane, record);
    return waitMs;
  }

  hold(request) {
    const { lane, member, closedForMs, marginMs = 0 } = bare(request);
    checkText(lane, "lane", LONGEST_NAME);
    checkNumber(closedForMs, "closedForMs", 0, LONGEST_MS);
    checkNumber(marginMs, "marginMs", 0, LONGEST_MS);
    const { kv } = this.ctx.storage;
    kv.put(lane, hold(kv.get(lane), { member, closedForMs, marginMs }, Date.now()));
  }

  // Lanes of keys that are used no more, once in a life of the object.
  #forgetOnce() {
    if (this.#hasForgotten) return;
    this.#hasForgotten = true;
    const { kv } = this.ctx.storage;
    const now = Date.now();
    for (const [lane, record] of [...kv.list()]) {
      if (asOf(record, now).closedUntil < now - FORGOTTEN_AFTER_MS) kv.delete(lane);
    }
  }
}

// The client's option `sharePacing`, from the namespace that is bound to ExtractaLane. One object for each account: `name`
// tells several accounts of a Worker apart.
export function accountLane(namespace, name = "account") {
  // A stub whose object failed stays broken, so each call takes its own; making one costs nothing.
  const lane = () => namespace.get(namespace.idFromName(name));
  return {
    reserve: (request) => lane().reserve(request),
    hold: (request) => lane().hold(request),
  };
}

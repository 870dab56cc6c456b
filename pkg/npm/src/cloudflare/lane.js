// An account's lane for all isolates: a Durable Object that says when the next request may start.
import { DurableObject } from "cloudflare:workers";
import { hold, reserve } from "../origin/reservation.js";

// Its records are stored before an answer leaves the object, so the floor holds across evictions, deploys and restarts.
// Between reading a record and storing the next one nothing is awaited: requests to the object cannot come between.
export class ExtractaLane extends DurableObject {
  reserve({ lane, member, gapMs }) {
    const { kv } = this.ctx.storage;
    const { record, waitMs } = reserve(kv.get(lane), { member, gapMs }, Date.now());
    kv.put(lane, record);
    return waitMs;
  }

  hold({ lane, closedForMs }) {
    const { kv } = this.ctx.storage;
    kv.put(lane, hold(kv.get(lane), { closedForMs }, Date.now()));
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

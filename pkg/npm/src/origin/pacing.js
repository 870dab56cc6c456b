// Lanes shared by all tabs and workers of a web origin.
import { own } from "../own.js";
import * as decide from "./reservation.js";
import { change } from "./store.js";

// How long a request may take, by the client's default. Nobody is kept away by the record for longer than this and a gap.
const REQUEST_LASTS_MS = 30_000;

// A lane that has been open for so long needs no record.
const RECORD_LASTS_MS = 60_000;

// Of all lanes in the record, the first so many count.
const MOST_LANES = 1_000;

// What has worked may fail for once, or a few times.
const MOST_FAILURES = 3;

// How long the page has its lanes to itself before it tries again to share them.
const ALONE_MS = 60_000;

// The answer of who was not asked in time: a slot granted late is none.
const ASK_AGAIN_MS = 10;

export function originPacing(options) {
  const { onFallback } = own(options, ["onFallback"]);
  if (onFallback !== undefined && typeof onFallback !== "function") throw new TypeError("onFallback must be a function.");
  let hasWorked = false;
  let failures = 0;
  let aloneUntil = -Infinity;
  let isReported = false;

  const alone = ({ message }) => {
    aloneUntil = performance.now() + ALONE_MS;
    if (isReported) return;
    isReported = true;
    try {
      onFallback?.(`Web Locks and IndexedDB cannot be used: ${message}`);
    } catch {}
  };

  // Where the page has its lanes to itself, its own queue has granted the slot that is asked for.
  const decided = async (decision, { lane, ...request }) => {
    if (isAlone()) return 0;
    try {
      const waitMs = await change((stored) => decideIn(stored, lane, decision, request));
      hasWorked = true;
      failures = 0;
      return waitMs;
    } catch (error) {
      failures += 1;
      if (hasWorked && failures < MOST_FAILURES) throw error;
      alone(error);
      return ASK_AGAIN_MS;
    }
  };
  const isAlone = () => performance.now() < aloneUntil;

  // Nobody believes a record for longer than a request lasts. A longer pause is written anew for as long as this page lives.
  const pauses = new Map();
  const renew = async (lane) => {
    const leftMs = pauses.get(lane) - performance.now();
    if (leftMs <= 0 || isAlone()) return void pauses.delete(lane);
    setTimeout(renew, REQUEST_LASTS_MS / 2, lane);
    await decided(hold, { lane, closedForMs: Math.min(leftMs, REQUEST_LASTS_MS) }).catch(() => {});
  };

  return {
    reserve: (request) => decided(decide.reserve, request),
    hold: async ({ closedForMs, ...request }) => {
      const { lane } = request;
      if (!(closedForMs > REQUEST_LASTS_MS)) return void (await decided(hold, { closedForMs, ...request }));
      const until = performance.now() + closedForMs;
      const known = pauses.get(lane);
      pauses.set(lane, Math.max(until, known ?? until));
      if (known === undefined) await renew(lane);
    },
  };
}

function hold(...all) {
  return { record: decide.hold(...all) };
}

// Whatever is in the record, an old version's or another script's: each lane is read by itself.
function decideIn(stored, lane, decision, request) {
  const now = Date.now();
  const isRecord = stored === undefined || Object.prototype.toString.call(stored) === "[object Object]";
  const lanes = new Map(isRecord ? Object.entries(stored ?? {}).slice(0, MOST_LANES) : []);
  // Of a record that is none, nothing is known of any lane.
  const known = isRecord ? lanes.get(lane) : null;
  const { gapMs, closedForMs } = own(request, ["gapMs", "closedForMs"]);
  const { record, waitMs } = decision(known, request, now, REQUEST_LASTS_MS + (gapMs ?? closedForMs));
  for (const [other, itsRecord] of lanes) {
    const healed = decide.asOf(itsRecord, now);
    if (healed.closedUntil + RECORD_LASTS_MS > now) lanes.set(other, healed);
    else lanes.delete(other);
  }
  lanes.set(lane, record);
  return { record: Object.fromEntries(lanes), waitMs };
}

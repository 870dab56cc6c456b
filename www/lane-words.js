import { formatSeconds, wholeSeconds } from "./countdown.js";

/** Why a lane let a batch wait, from a `LaneDecision`. */
const REASONS = {
  notDue: () => "it is not due yet",
  floor: ({ gapMs }) => `the last request is less than ${secondsText(gapMs)} ago`,
  inFlight: () => "another request is on its way",
  paused: () => "the server asks to be left alone",
  behindOthers: (_, { behind }) => (behind === 1 ? "1 other goes first" : `${behind} others go first`),
};

/** One decision of a lane in words. A reason of a later version is shown as it is. */
export function decisionText(report, decision) {
  const reason = REASONS[decision.reason];
  const what = decision.decision === "sent" ? "sent" : `waits: ${reason?.(report, decision) ?? decision.reason}`;
  return `${what}, ${formatSeconds(decision.agoMs)} ago`;
}

/** What a lane is doing, as pairs of label and text. */
export function laneFacts(report) {
  return [
    ["Waiting", String(report.waiting)],
    ["Requests", String(report.requests)],
    ["Refused (429)", String(report.refusals)],
    ["Smallest gap", report.smallestGapMs === undefined ? "–" : secondsText(report.smallestGapMs)],
    ["Next slot", nextSlotText(report)],
  ];
}

function nextSlotText({ inFlight, nextSlotInMs, pausedForMs }) {
  if (inFlight) return "after this answer";
  if (pausedForMs > 0) return `paused, ${wholeSeconds(pausedForMs)}`;
  return nextSlotInMs > 0 ? `in ${secondsText(nextSlotInMs)}` : "free now";
}

/** A short time, never rounded up: a gap that is shown to be 2 s is one. */
function secondsText(ms) {
  return `${Math.floor(ms / 100) / 10} s`;
}

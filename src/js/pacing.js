// Lanes shared beyond this realm: how those are asked who decide.

// Beyond the realm no gap is shorter: word needs time to get around.
const LEAST_GAP_MS = 200;

// A lane is asked for again no sooner and no later.
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 60_000;

// This realm, among the members of a shared lane.
let member;

// What a caller gives to decide, or null where it is no such thing.
export function sharing(given) {
  try {
    if (typeof given.reserve === "function" && typeof given.hold === "function") return given;
  } catch {}
  return null;
}

// Asks who decides for the next slot: 0, or how long to wait. One that was granted is of no use half a gap later: until the
// gap is over the request must be on its way, and word of that there.
export async function reserve({ shared }, endpoint, key, ms) {
  const gapMs = Math.max(ms, LEAST_GAP_MS);
  const askedAt = Date.now();
  const waitMs = await shared.reserve({ ...named(endpoint, key), gapMs });
  if (Number.isFinite(waitMs) && waitMs > 0) return Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  if (waitMs === 0 && Date.now() - askedAt <= gapMs / 2) return 0;
  throw new Error(waitMs === 0 ? "The slot was granted too late." : "Neither 0 nor a number of milliseconds.");
}

// Keeps the lane closed for everybody: once, or, renewed for as long as the promise `sent` is pending, and once more when it
// is not. A failure is nobody's: the lane was only kept for less long.
export function hold({ shared }, endpoint, key, ms, sent, longestMs) {
  const closedForMs = Math.max(ms, LEAST_GAP_MS);
  const renew = async () => {
    try {
      await shared.hold({ ...named(endpoint, key), closedForMs });
    } catch {}
  };
  renew();
  if (!sent) return;
  const end = () => {
    clearInterval(timer);
    renew();
  };
  // Nobody may be left to end the request.
  const until = performance.now() + longestMs;
  const timer = setInterval(() => (performance.now() < until ? renew() : clearInterval(timer)), closedForMs / 2);
  sent.then(end, end);
}

function named(endpoint, key) {
  member ??= Math.random().toString(36).slice(2);
  return { lane: `${endpoint} ${key.toString(36)}`, member };
}

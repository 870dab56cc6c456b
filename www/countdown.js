const TICK_MS = 250;

export const ASKING = "Asking the server…";

export function formatSeconds(ms) {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function nextPollText(leftMs) {
  return leftMs > 0 ? `Next poll in ${wholeSeconds(leftMs)}` : "Next poll any moment";
}

/** What is left of a wait: it ends no sooner than it says. */
export function wholeSeconds(leftMs) {
  return formatSeconds(Math.ceil(leftMs / 1000) * 1000);
}

/**
 * The clock of one poll: time since it began, and time to its next request. It computes both from the moment it is
 * asked, so a hidden tab whose timers sleep shows the right numbers when it wakes.
 */
export class Countdown {
  #now;
  #startedAt = 0;
  #nextAt = -Infinity;
  #asking = false;
  #timer;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  start(onTick) {
    this.#startedAt = this.#now();
    this.#nextAt = -Infinity;
    this.#asking = false;
    this.#timer = setInterval(onTick, TICK_MS);
    onTick();
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** The next request is at least this far away. Several reasons to wait may be reported; the longest counts. */
  expectIn(ms) {
    this.#asking = false;
    this.#nextAt = Math.max(this.#nextAt, this.#now() + ms);
  }

  /** A request is on its way. */
  asking() {
    this.#asking = true;
    this.#nextAt = -Infinity;
  }

  elapsedText() {
    return formatSeconds(this.#now() - this.#startedAt);
  }

  nextPollText() {
    if (this.#asking) return ASKING;
    return nextPollText(this.#nextAt - this.#now());
  }
}

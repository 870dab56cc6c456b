// The wall clock of an object that lives for long, of which a moment's fault is not believed: one that leaps ahead would end every
// poll whose time is then over, and put off others for as long. There is no other clock to go by, so it is looked at twice.

// Nothing of the object waits for so long without an alarm that is known of.
const LEAP_MS = 3_600_000;

// A leap that lasts for so many looks is believed, as it may be that the clock was wrong before.
const LOOK_EVERY_MS = 1_000;
const LOOKS = 10;

export class Clock {
  #believed;
  #looking;

  // The time; during a leap, the time before it.
  now() {
    const now = Date.now();
    if (this.#believed === undefined || !this.#isLeap(now)) {
      this.#believed = now;
      return now;
    }
    this.#looking ??= setTimeout(() => this.#look(LOOKS), LOOK_EVERY_MS);
    return this.#believed;
  }

  // An alarm came that was set for then: it is no leap until then.
  reached(at) {
    if (this.#believed < at && at <= Date.now()) this.#believed = at;
  }

  #isLeap(now) {
    return now - this.#believed >= LEAP_MS;
  }

  #look(left) {
    const now = Date.now();
    this.#looking = undefined;
    if (!this.#isLeap(now) || left === 0) this.#believed = now;
    else this.#looking = setTimeout(() => this.#look(left - 1), LOOK_EVERY_MS);
  }
}

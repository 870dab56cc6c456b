// The wall clock of an object that lives for long, of which a moment's fault is not believed: one that leaps ahead would end every
// poll whose time is then over, and put off others for as long. There is no other clock to go by, so it is looked at twice.

// Nothing of the object waits for so long without an alarm that is known of.
const LEAP_MS = 3_600_000;

// A leap that lasts is believed, as it may be that the clock was wrong before.
const SECOND_LOOK_MS = 10_000;

export class Clock {
  #believed;
  #isDoubting = false;

  // The time; during a leap, the time before it.
  now() {
    const now = Date.now();
    if (this.#believed === undefined || now - this.#believed < LEAP_MS) {
      this.#believed = now;
      return now;
    }
    if (!this.#isDoubting) {
      this.#isDoubting = true;
      setTimeout(() => this.#lookAgain(), SECOND_LOOK_MS);
    }
    return this.#believed;
  }

  // An alarm came that was set for then: it is no leap until then.
  reached(at) {
    if (this.#believed < at && at <= Date.now()) this.#believed = at;
  }

  #lookAgain() {
    this.#isDoubting = false;
    const now = Date.now();
    if (now - this.#believed >= LEAP_MS) this.#believed = now;
  }
}

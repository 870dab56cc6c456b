// A short text that stands for texts, and does not give them away.

// Two of 32 bits, which differ in how they mix.
export class Hash {
  #one = 0x811c9dc5;
  #other = 0x01000193;

  add(text) {
    for (let index = 0; index <= text.length; index++) {
      // A unit that no text has ends each.
      const unit = index < text.length ? text.charCodeAt(index) : 0x10000;
      this.#one = Math.imul(this.#one ^ unit, 0x01000193);
      this.#other = Math.imul(this.#other ^ unit, 0x5bd1e995) ^ (this.#other >>> 15);
    }
  }

  text() {
    return [this.#one, this.#other].map((half) => (half >>> 0).toString(36)).join("-");
  }
}

// The state of a batch as a text: another one where a file came or changed its status. Not of the whole reply, as links may be
// signed anew each time; and of nothing else, so that all isolates agree.

export function stateOf(reply) {
  const files = Array.isArray(reply.files) ? reply.files : Object.entries(Object(reply.files)).map(([id, file]) => ({ fileId: id, ...Object(file) }));
  const hash = new Hash();
  hash.add(`${reply.status} ${files.length}`);
  for (const file of files) hash.add(`${file?.fileId}:${file?.status}`);
  return hash.text();
}

// Two of 32 bits, which differ in how they mix.
class Hash {
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

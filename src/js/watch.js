// A poll that is watched. JavaScript, because iterating is a matter of the language.

class Watch {
  #poll;
  #result;
  #next;

  constructor(poll, result, next) {
    this.#poll = poll;
    this.#result = result;
    this.#next = next;
  }

  get result() {
    return this.#result;
  }

  nudge() {
    this.#poll.nudge();
  }

  snapshot() {
    return this.#poll.snapshot();
  }

  cancel(reason) {
    this.#poll.cancel(reason);
  }

  [Symbol.asyncIterator]() {
    return {
      next: this.#next,
      // The loop was left: nobody wants the rest.
      return: async (value) => {
        this.cancel();
        return { done: true, value };
      },
    };
  }
}

// What a poll needs to be watched: `tell` takes each progress, `begin` makes the watch of what runs. What the caller's own
// function throws goes through `tell` to the poll.
export function watching(onProgress) {
  let unread;
  let end;
  const readers = [];
  const wake = () => readers.splice(0).forEach((reader) => reader());

  const next = async () => {
    while (!unread && !end) await new Promise((resolve) => readers.push(resolve));
    const value = unread;
    unread = undefined;
    if (value) return { done: false, value };
    // An error is told once; then the iteration is at its end.
    const last = end;
    end = () => {};
    await last();
    return { done: true, value };
  };

  return {
    tell(progress) {
      onProgress?.(progress);
      // One that nobody took is replaced, its new files passed on: a slow reader misses no file, and memory stays bounded.
      // A copy, as others were told of `progress` as it is.
      unread = unread ? { ...progress, newFiles: [...unread.newFiles, ...progress.newFiles] } : progress;
      wake();
    },
    begin(poll, result) {
      // Iterating is enough: a result that nobody awaits must not count as an unhandled rejection.
      result.then(
        () => (end = () => {}),
        (error) => (end = () => Promise.reject(error)),
      ).then(wake);
      return new Watch(poll, result, next);
    },
  };
}

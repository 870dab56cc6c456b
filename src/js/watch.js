// A poll that is watched. JavaScript, because iterating is a matter of the language.

class Watch {
  #poll;
  #result;
  #next;
  #here = whereItBegan();

  constructor(poll, result, next) {
    this.#poll = poll;
    this.#result = result;
    this.#next = next;
  }

  get result() {
    return this.#result;
  }

  nudge() {
    this.#here(() => this.#poll.nudge());
  }

  snapshot() {
    return this.#poll.snapshot();
  }

  cancel(reason) {
    this.#here(() => this.#poll.cancel(reason));
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

// A function that runs others where this one was called. A Worker runs what a promise of one request sets off in that request,
// whoever resolved it; moved on by another request, a poll would go on there, and end with it.
function whereItBegan() {
  const acts = [];
  let ring;
  const listen = () => {
    new Promise((resolve) => (ring = resolve)).then(() => {
      listen();
      acts.splice(0).forEach((act) => act());
    });
  };
  listen();
  return (act) => {
    acts.push(act);
    ring();
  };
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

// Statuses as they change, to whoever watches: server-sent events.

const encoder = new TextEncoder();

// Each keeps a connection, and what it has not read yet.
const MOST_READERS = 1_000;

export class Feed {
  #readers = new Set();

  isFull() {
    return this.#readers.size >= MOST_READERS;
  }

  // The answer to who watches these polls. It ends when all of them have.
  watch(statuses) {
    const reader = { ids: new Set(), unsent: new Map() };
    const body = new ReadableStream({
      start: (controller) => {
        reader.controller = controller;
        this.#readers.add(reader);
        for (const status of statuses) {
          reader.ids.add(status.id);
          reader.unsent.set(status.id, status);
        }
      },
      pull: () => this.#send(reader),
      cancel: () => void this.#readers.delete(reader),
    });
    return new Response(body, { headers: { "cache-control": "no-store", "content-type": "text/event-stream" } });
  }

  // Of a slow reader's polls only the latest status is kept.
  publish(status) {
    for (const reader of this.#readers) {
      if (!reader.ids.has(status.id)) continue;
      reader.unsent.set(status.id, status);
      this.#send(reader);
    }
  }

  isWatched(id) {
    return [...this.#readers].some(({ ids }) => ids.has(id));
  }

  #send(reader) {
    const { controller, ids, unsent } = reader;
    for (const [id, status] of unsent) {
      if (controller.desiredSize <= 0) return;
      unsent.delete(id);
      if (status.settledAt !== undefined) ids.delete(id);
      controller.enqueue(encoder.encode(`data: ${JSON.stringify(status)}\n\n`));
    }
    if (ids.size > 0 || !this.#readers.delete(reader)) return;
    controller.close();
  }
}

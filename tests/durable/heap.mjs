// The heap of the Worker under test, as V8's inspector knows it, once everything unreachable is gone. What the process takes of the
// machine says little: workerd has no limit here, so V8 collects when it pleases, and what is free is not given back.

/** Bytes in use, of JavaScript. */
export async function heapOf(inspector, worker) {
  const targets = await (await fetch(`http://${inspector.host}/json`)).json();
  const target = targets.find(({ id }) => id.endsWith(worker));
  if (!target) throw new Error(`Of ${targets.map(({ id }) => id).join(", ")} none is ${worker}.`);
  const session = await Session.open(target.webSocketDebuggerUrl);
  try {
    // A snapshot is of what is reachable, so V8 collects before it; workerd never answers `HeapProfiler.collectGarbage`. Finalizers
    // run between two of them, and free more.
    for (let round = 0; round < 2; round += 1) await session.ask("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    return (await session.ask("Runtime.getHeapUsage")).usedSize;
  } finally {
    session.close();
  }
}

class Session {
  #socket;
  #requested = 0;

  static async open(url) {
    const session = new Session();
    session.#socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      session.#socket.onopen = resolve;
      session.#socket.onerror = () => reject(new Error(`${url} cannot be reached.`));
    });
    return session;
  }

  ask(method, params = {}) {
    const id = (this.#requested += 1);
    return new Promise((resolve, reject) => {
      const hear = ({ data }) => {
        const message = JSON.parse(data);
        if (message.id !== id) return;
        this.#socket.removeEventListener("message", hear);
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
      };
      this.#socket.addEventListener("message", hear);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close() {
    this.#socket.close();
  }
}

// A proxy that paces, as a script: it holds requests that say which state they know, and says what it saw.
import { createServer } from "node:http";

export class HoldingProxy {
  /** For how long a request is held, whatever it asks for. */
  holdMs = 60_000;
  /** Whether replies name the batch's state. */
  namesStates = true;
  /** What some batches answer in place of a reply: a function of the request, or of its number among the batch's. */
  answers = new Map();
  /** Each request: its batch, what it preferred, when it came and what came of it. */
  requests = [];
  /** How many are here at once, and the most of all and of one batch that there were. */
  here = [];
  most = 0;
  mostOfOne = 0;
  #batches = new Map();
  #changed = new Set();

  #batch(id) {
    if (!this.#batches.has(id)) this.#batches.set(id, { version: 0, files: [] });
    return this.#batches.get(id);
  }

  /** One more file of the batch is finished, and with `isDone` the batch. */
  change(id, isDone = true) {
    const batch = this.#batch(id);
    batch.version += 1;
    batch.files = [...batch.files.map((file) => ({ ...file, status: "processed" })), { fileId: `f${batch.version}`, fileName: "a.pdf", status: isDone ? "processed" : "processing" }];
    [...this.#changed].forEach((look) => look());
  }

  /** The requests of a batch. */
  of(id) {
    return this.requests.filter(({ batchId }) => batchId === id);
  }

  isHeld(id) {
    return this.here.includes(id);
  }

  async answer(ids, prefer, signal) {
    const { batchId } = ids;
    const request = { batchId, prefer, at: performance.now(), outcome: "under way" };
    this.requests.push(request);
    this.here.push(batchId);
    this.most = Math.max(this.most, this.here.length);
    this.mostOfOne = Math.max(this.mostOfOne, this.here.filter((id) => id === batchId).length);
    let isHere = true;
    const leave = () => {
      if (isHere) this.here.splice(this.here.indexOf(batchId), 1);
      isHere = false;
    };
    const left = new Promise((_, reject) => signal?.addEventListener("abort", () => (leave(), reject(signal.reason))));
    try {
      const answer = await Promise.race([this.#answer(ids, request, signal), left]);
      request.outcome = answer.status;
      return answer;
    } catch (error) {
      request.outcome = "left";
      throw error;
    } finally {
      leave();
    }
  }

  async #answer(ids, request, signal) {
    const { batchId, prefer } = request;
    await new Promise((resolve) => setTimeout(resolve, 5));
    signal?.throwIfAborted();
    const scripted = this.answers.get(batchId)?.(this.of(batchId).length, request);
    if (scripted) return scripted;
    const [, since] = /^wait=\d+; since="(.*)"$/.exec(prefer ?? "") ?? [];
    const batch = this.#batch(batchId);
    if (since === `v${batch.version}` && !(await this.#news(batch, since, signal))) return { status: 204, headers: {} };
    const headers = this.namesStates ? { "extracta-state": `v${batch.version}` } : {};
    return { status: 200, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ ...ids, status: batch.version ? "processing" : "waiting", files: batch.files }) };
  }

  /** Waits for another state: whether there is one. */
  #news(batch, since, signal) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.#changed.delete(look);
        settle(value);
      };
      const look = () => {
        if (since !== `v${batch.version}`) end(resolve, true);
      };
      const timer = setTimeout(end, this.holdMs, resolve, false);
      this.#changed.add(look);
      signal?.addEventListener("abort", () => end(reject, signal.reason));
    });
  }

  /** As the client's option. */
  get fetch() {
    return async (url, { body, headers, signal }) => {
      const { status, headers: answered, body: text = null } = await this.answer(JSON.parse(body), headers.prefer, signal);
      return new Response(text, { status, headers: answered });
    };
  }

  /** As a server; `others` answers what is no request for results. */
  async listen(others) {
    const server = createServer(async (incoming, outgoing) => {
      if (incoming.method !== "POST") return others(incoming, outgoing);
      const left = new AbortController();
      outgoing.on("close", () => left.abort());
      try {
        const ids = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
        const { status, headers, body } = await this.answer(ids, incoming.headers.prefer, left.signal);
        outgoing.writeHead(status, { ...headers, "cache-control": "no-store" }).end(body);
      } catch {
        outgoing.destroy();
      }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.close(), server.closeAllConnections()) };
  }
}

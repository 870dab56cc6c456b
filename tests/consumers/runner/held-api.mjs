// An API that answers when the test says so: until then a request is in flight.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { expect } from "../../../xtask/expect.mjs";

const REPLIES = {
  waiting: { status: "waiting" },
  done: { files: [{ fileName: "one.pdf", status: "processed", result: {} }] },
};

/** Runs one until the test ends. */
export async function heldApi(t) {
  const requests = new Map();
  const server = createServer(async (request, response) => {
    // The canary of a request is a GET, and has a path in place of a token.
    const from = request.headers.authorization?.split(" ").at(-1) ?? request.url.slice(1);
    const requested = new HeldRequest(response);
    if (request.method === "POST") requested.batchId = (await json(request).catch(() => ({}))).batchId;
    requests.set(from, [...(requests.get(from) ?? []), requested]);
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const of = (from) => requests.get(from) ?? [];
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    count: (from) => of(from).length,
    /** The nth request of a token, once it has come. */
    async request(from, nth) {
      await expect.poll(() => of(from).length, { message: `requests of ${from}`, intervals: [20] }).toBeGreaterThanOrEqual(nth);
      return of(from)[nth - 1];
    },
    /** The first request of a token for a batch, once it has come. */
    async requestFor(from, batchId) {
      const found = () => of(from).find((requested) => requested.batchId === batchId);
      await expect.poll(() => found() !== undefined, { message: `a request of ${from} for ${batchId}`, intervals: [20] }).toBe(true);
      return found();
    },
  };
}

class HeldRequest {
  batchId;
  #response;

  constructor(response) {
    this.#response = response;
  }

  /** Answers with the reply of that name. */
  answer(name) {
    this.beginAnswer();
    this.#response.end(JSON.stringify(REPLIES[name]));
  }

  /** Sends the head alone; the body is still to come. */
  beginAnswer() {
    if (!this.#response.headersSent) this.#response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
  }

  /** Waits until whoever asked has given up. */
  async givenUp() {
    await expect.poll(() => this.#response.destroyed && !this.#response.writableFinished, { message: "given up", intervals: [20] }).toBe(true);
  }
}

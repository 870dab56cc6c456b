// A relay in front of the stand-in, so that its connections can be refused for a while and what it saw before is kept.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Relay {
  #open = new Set();
  #server;
  #port = 0;

  /** `to` is the address of a server. */
  constructor(to) {
    const { hostname, port } = new URL(to);
    this.#server = createServer((socket) => {
      const onward = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.setNoDelay(true).pipe(onward).pipe(socket);
      for (const end of [socket, onward]) {
        this.#open.add(end);
        end.on("error", () => {});
        end.on("close", () => {
          this.#open.delete(end);
          socket.destroy();
          onward.destroy();
        });
      }
    });
  }

  /** Takes connections, again at the same address. */
  async listen() {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
  }

  get address() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Refuses connections, and breaks those that are open. */
  async refuse() {
    for (const end of this.#open) end.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

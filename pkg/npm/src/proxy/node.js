// For servers of Node's `http`, Express and their like: the platform's requests from theirs.

export function toNodeHandler(proxy) {
  return async (incoming, outgoing, next) => {
    const controller = new AbortController();
    // A request whose body was read says nothing of its end; the answer does.
    outgoing.on("close", () => {
      if (!outgoing.writableEnded) controller.abort();
    });
    let response;
    try {
      const context = { visitor: incoming.socket?.remoteAddress, signal: controller.signal };
      response = await proxy(requestOf(incoming), context);
    } catch (error) {
      if (typeof next === "function") return next(error);
      outgoing.statusCode = 500;
      outgoing.end();
      // For whoever runs the server, as no page is to see it.
      console.error(error);
      return;
    }
    await write(response, outgoing, incoming);
  };
}

function requestOf(incoming) {
  const { method, headers, url, originalUrl = url } = incoming;
  const own = Object.entries(headers).filter(([name, value]) => typeof value === "string" && !name.startsWith(":"));
  const hasBody = method !== "GET" && method !== "HEAD";
  // The path alone is looked at; a name that is none must not keep it from being.
  const address = `http://localhost${originalUrl.startsWith("/") ? originalUrl : "/"}`;
  return new Request(address, { method, headers: own, ...(hasBody && { body: streamOf(incoming), duplex: "half" }) });
}

// Nothing is read before it is wanted, nor after it is given up.
function streamOf(incoming) {
  return new ReadableStream(
    {
      start(controller) {
        incoming.pause();
        incoming.on("data", (chunk) => {
          incoming.pause();
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        });
        incoming.on("end", () => controller.close());
        incoming.on("error", (error) => controller.error(error));
        incoming.on("close", () => {
          if (!incoming.readableEnded) controller.error(new Error("The visitor left."));
        });
      },
      pull: () => void incoming.resume(),
      cancel() {
        incoming.removeAllListeners("data");
        incoming.pause();
      },
    },
    { highWaterMark: 0 },
  );
}

async function write(response, outgoing, incoming) {
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  // Of a body that was given up the rest is not waited for.
  outgoing.end(body, () => {
    if (!incoming.readableEnded) incoming.destroy();
  });
}

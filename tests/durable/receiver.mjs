// Who receives deliveries: an HTTP server of the test's, which keeps what arrived.
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/** Listens until the test ends. `answer(nth, delivery)` gives `{ status, location }`; `arrived` holds every delivery. */
export async function receive(t, answer = () => ({})) {
  const arrived = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { headers } = request;
    const id = headers["webhook-id"];
    const delivery = { id, path: request.url, headers, body, json: JSON.parse(body) };
    arrived.push(delivery);
    const nth = arrived.filter((other) => other.id === id).length;
    const { status = 200, location } = await answer(nth, delivery);
    response.writeHead(status, location && { location }).end();
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, arrived, ids: () => new Set(arrived.map(({ id }) => id)) };
}

import { createServer } from "node:http";
import { createProxy, toNodeHandler } from "extracta-wasm/proxy";

const [baseUrl, token] = process.argv.slice(2);
const server = createServer(toNodeHandler(createProxy({ token, baseUrl })));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));

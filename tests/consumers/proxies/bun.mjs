import { createProxy } from "extracta-wasm/proxy";

const [baseUrl, token] = process.argv.slice(2);
const proxy = createProxy({ token, baseUrl });
const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => proxy(request) });
console.log(`http://127.0.0.1:${port}`);

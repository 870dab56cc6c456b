import { createProxy } from "extracta-wasm/proxy";

const [baseUrl, token] = Deno.args;
const proxy = createProxy({ token, baseUrl });
const onListen = ({ port }) => console.log(`http://127.0.0.1:${port}`);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, (request) => proxy(request));

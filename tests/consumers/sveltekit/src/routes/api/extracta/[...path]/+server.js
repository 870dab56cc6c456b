import { createProxy } from "extracta-wasm/proxy";

const proxy = createProxy({ token: () => process.env.PROXIED_KEY, baseUrl: process.env.EXTRACTA_URL });

export const POST = (event) => proxy(event.request);

import { createProxy } from "extracta-wasm/proxy";

const { PROXIED_KEY, EXTRACTA_URL } = globalThis.process?.env ?? {};
const proxy = createProxy({ token: () => PROXIED_KEY, baseUrl: EXTRACTA_URL });

export default defineEventHandler((event) => proxy(toWebRequest(event)));

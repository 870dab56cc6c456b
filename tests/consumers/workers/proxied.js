import { createProxy } from "extracta-wasm/proxy";

// A token has an account of its own.
const proxies = new Map();

export default {
  fetch(request, _env, ctx) {
    const { token, baseUrl, requestTimeoutMs, without } = Object.fromEntries(new URL(request.url).searchParams);
    const options = { token, baseUrl, requestTimeoutMs: Number(requestTimeoutMs) };
    if (!proxies.has(token)) proxies.set(token, createProxy({ ...options, authorize: ({ headers }) => headers.get("x-visitor") ?? true }));
    return proxies.get(token)(request, without === "ctx" ? {} : ctx);
  },
};

import { createProxy } from "extracta-wasm/proxy";

let proxy;

/** The proxy is made with the first request, which brings the Worker's settings. */
export function paced({ env, req, executionCtx }) {
  proxy ??= createProxy({ token: env.PROXIED_KEY, baseUrl: env.EXTRACTA_URL });
  return proxy(req.raw, executionCtx);
}

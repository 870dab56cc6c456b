import { createProxy } from "extracta-wasm/proxy";

const proxy = createProxy({
  // A function, as there is no key where Next builds.
  token: () => process.env.PROXIED_KEY,
  baseUrl: process.env.EXTRACTA_URL,
  authorize: async (request, batch) => batch.extractionId === "invoices" && (request.headers.get("cookie") ?? "visitor"),
});

export const POST = (request) => proxy(request);

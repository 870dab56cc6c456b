// Platforms without WebAssembly, and those that forbid to compile it.
import { ExtractaError } from "./error.js";

export function assertSupported() {
  if (typeof WebAssembly === "object") return;
  throw unsupported("This platform has no WebAssembly. Where it was switched off (iOS Lockdown Mode, --jitless), allow it for this page.");
}

// Engines say in words only that a policy forbids to compile.
export function isForbidden(error) {
  return error?.name === "CompileError" && /unsafe-eval|CSP|content.security|disallowed/i.test(error.message);
}

// What a platform threw that does not take the wasm of the package, as an error that says what to do. These bytes are good: what
// refuses them refuses all.
export function refused(error) {
  const isAtTheEdge = globalThis.navigator?.userAgent === "Cloudflare-Workers" || typeof EdgeRuntime === "string";
  if (isAtTheEdge) {
    return unsupported(
      "Workers and edge functions run only wasm that their bundler imports as a module: bundle with wrangler, @cloudflare/vite-plugin or Next; in Nitro and Nuxt for Cloudflare set experimental.wasm; else use extracta-wasm/slim.",
      error,
    );
  }
  if (isForbidden(error)) return unsupported("Compiling WebAssembly is forbidden here. Allow it in the Content-Security-Policy: script-src 'wasm-unsafe-eval'.", error);
  return unsupported(`WebAssembly does not start here: ${error?.message ?? error}`, error);
}

function unsupported(message, cause) {
  return new ExtractaError(message, { code: "UNSUPPORTED", retryable: false }, cause);
}

// Platforms without WebAssembly, and those that forbid to compile it.
import { ExtractaError } from "./error.js";

export function assertSupported() {
  if (typeof WebAssembly === "object") return;
  throw unsupported("This platform has no WebAssembly. Where it was switched off (iOS Lockdown Mode, --jitless), allow it for this page.");
}

// What compiling threw, as an error that says what to do.
export function forbidden(error) {
  const message =
    globalThis.navigator?.userAgent === "Cloudflare-Workers"
      ? 'Workers compile no wasm from bytes: bundle with the "workerd" condition, as wrangler does, or use extracta-wasm/slim with an imported .wasm file.'
      : "Compiling WebAssembly is forbidden here. Allow it in the Content-Security-Policy: script-src 'wasm-unsafe-eval'.";
  return unsupported(message, error);
}

function unsupported(message, cause) {
  return new ExtractaError(message, { code: "UNSUPPORTED", retryable: false }, cause);
}

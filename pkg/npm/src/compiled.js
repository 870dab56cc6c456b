import { assertSupported, isForbidden, refused } from "./support.js";

// The module that `source` is or leads to: an address, a request, a response, bytes, or a module already. Told apart by tag,
// as it may come from another realm.
export async function compiled(source) {
  assertSupported();
  try {
    return await compiledFrom(source);
  } catch (error) {
    // Else the bytes are at fault, or there are none.
    throw isForbidden(error) ? refused(error) : error;
  }
}

async function compiledFrom(source) {
  const kind = Object.prototype.toString.call(source);
  if (kind === "[object WebAssembly.Module]") return source;
  if (kind === "[object ArrayBuffer]" || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = kind === "[object Response]" ? source : await fetch(source);
  if (!response.ok) throw new Error(`Cannot fetch the wasm: ${response.status} of ${response.url}`);
  // Compiling on the way needs exactly this type, which not every server gives.
  if (response.headers.get("content-type")?.toLowerCase() === "application/wasm" && WebAssembly.compileStreaming) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

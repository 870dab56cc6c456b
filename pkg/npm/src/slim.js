// For whoever wants the .wasm as a file of its own, or must not allow scripts to hold it: the caller says where it is.
import { clientClass } from "./client.js";
import { compiled } from "./compiled.js";
import { ExtractaError } from "./error.js";

let compiling;
let module;

export async function init(source) {
  const given = await source;
  try {
    module = await (compiling ??= compiled(given));
  } catch (error) {
    compiling = undefined;
    throw error;
  }
}

export const ExtractaClient = /* @__PURE__ */ clientClass(() => {
  if (module) return module;
  throw new ExtractaError("Call init(source) of extracta-wasm/slim and await it before making a client.", {
    code: "INVALID_OPTION",
    retryable: false,
    option: "init",
  });
});
export { ExtractaError, isExtractaError } from "./error.js";
export { isProcessed } from "./processed.js";

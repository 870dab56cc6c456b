// For whoever wants the .wasm as a file of its own, or must not allow scripts to hold it: the caller says where it is.
import * as glue from "./generated/glue.js";
import { clientClass } from "./client.js";

let ready = false;

export async function init(source) {
  await glue.default({ module_or_path: await source });
  ready = true;
}

export const ExtractaClient = /* @__PURE__ */ clientClass(() => {
  if (ready) return; // The glue has its instance.
  throw new glue.ExtractaError("Call init(source) of extracta-wasm/slim and await it before making a client.", {
    code: "INVALID_OPTION",
    retryable: false,
    option: "init",
  });
});
export { ExtractaError, isExtractaError } from "./generated/glue.js";

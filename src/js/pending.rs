//! The promises of the calls that run. JavaScript keeps them, so that they end even when the wasm cannot go on.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/pending.js")]
extern "C" {
    /// The promise of a call, which is told to begin.
    pub(crate) fn begin(call: u32, heard: &JsValue) -> Promise;

    pub(crate) fn resolve(call: u32, value: &JsValue);

    pub(crate) fn reject(call: u32, error: &JsValue);

    // Not called from here: named so that the generated module exports it, for the package's own code.
    #[wasm_bindgen(js_name = rejectAll, reexport = "rejectPending", skip_typescript)]
    fn _reject_all(error: &JsValue);
}

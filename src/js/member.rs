//! Members of JavaScript values, read and written by name.
//!
//! Values of callers and of a `fetch` of theirs may be anything, proxies included: whatever reads one must survive that it
//! throws. An exception that left the wasm would leave a call without an end, and every import that throws leaves a reference
//! behind in wasm-bindgen's table.

use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::fields::Fields;

#[wasm_bindgen(module = "/src/js/member.js")]
extern "C" {
    /// The member, or undefined where `value` has none to read, or null. What a getter throws counts as none.
    #[wasm_bindgen(js_name = memberOf)]
    pub(crate) fn get(value: &JsValue, name: &str) -> JsValue;

    #[wasm_bindgen(js_name = memberOf)]
    pub(crate) fn get_by(value: &JsValue, name: &JsValue) -> Option<Member>;

    /// Anything that there is; of a type of its own, as that it is not undefined need not be asked then.
    pub(crate) type Member;

    /// The member, if it is text.
    #[wasm_bindgen(js_name = textOf)]
    pub(crate) fn text(value: &JsValue, name: &str) -> Option<String>;
}

/// Sets a member; false where the object refuses it, as frozen ones do.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) -> bool {
    Reflect::set(object, &name.into(), value).unwrap_or(false)
}

/// A new object with these members.
pub(crate) fn object(members: &Fields<'_>) -> JsValue {
    // Numbers, texts and flags under text keys: nothing that could fail.
    members.serialize(&Serializer::new().serialize_maps_as_objects(true)).unwrap_or(JsValue::UNDEFINED)
}

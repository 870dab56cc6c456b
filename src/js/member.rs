//! Members of JavaScript values, read and written by name.
//!
//! Values of callers and of a `fetch` of theirs may be anything, proxies included: whatever reads one must survive that it
//! throws. An exception that left the wasm would leave a call without an end.

use js_sys::{Array, Promise, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::fields::Fields;

/// The member, or undefined where `value` has none to read. What a getter throws counts as none.
pub(crate) fn get(value: &JsValue, name: &str) -> JsValue {
    // Asked first, as every import that throws leaves a reference behind in wasm-bindgen's table.
    if !value.is_object() && !value.is_function() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The member, if it is text.
pub(crate) fn text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

/// Sets a member; false where the object refuses it, as frozen ones do.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) -> bool {
    Reflect::set(object, &name.into(), value).unwrap_or(false)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn try_is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn try_array_from(list: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = entries)]
    fn try_entries(object: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = assign)]
    fn try_assign(target: &JsValue, source: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Promise, js_name = resolve)]
    fn try_resolve(value: &JsValue) -> Result<Promise, JsValue>;
}

/// A global of this realm, undefined where there is none.
pub(crate) fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// A new object with these members.
pub(crate) fn object(members: &Fields<'_>) -> JsValue {
    // Numbers, texts and flags under text keys: nothing that could fail.
    members.serialize(&Serializer::new().serialize_maps_as_objects(true)).unwrap_or(JsValue::UNDEFINED)
}

/// Whether it is an array.
pub(crate) fn is_array(value: &JsValue) -> bool {
    try_is_array(value).unwrap_or(false)
}

/// The elements of an array, holes as undefined; `None` where they cannot be had.
pub(crate) fn elements(array: &JsValue) -> Option<Array> {
    try_array_from(array).ok()
}

/// The members of an object, each a pair of key and value; `None` where they cannot be had.
pub(crate) fn entries(object: &JsValue) -> Option<Array> {
    try_entries(object).ok()
}

/// A new object with the members of `source`, as far as they can be had.
pub(crate) fn copy(source: &JsValue) -> JsValue {
    try_assign(&object(&Fields::default()), source).unwrap_or(JsValue::UNDEFINED)
}

/// A promise of what may be one already.
pub(crate) fn promise(value: &JsValue) -> Promise {
    try_resolve(value).unwrap_or_else(|error| Promise::reject(&error))
}

//! Members of JavaScript values, read and written by name.
//!
//! Values of callers and of a `fetch` of theirs may be anything, proxies included: whatever reads one survives that it throws.
//! An exception that left the wasm would leave a call without an end.

use std::cell::RefCell;

use js_sys::{JSON, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::core::fields::Fields;

#[wasm_bindgen]
extern "C" {
    /// Anything that may have members.
    pub(crate) type Value;

    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn at(this: &Value, name: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn array_is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_namespace = ["Object"], js_name = prototype)]
    static OBJECT_PROTOTYPE: JsValue;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = hasOwn)]
    fn has_own(object: &JsValue, name: &str) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = getPrototypeOf)]
    fn prototype_of(object: &JsValue) -> Result<JsValue, JsValue>;
}

thread_local! {
    /// Names as JavaScript has them: a text that is new to it takes an engine microseconds to find a member by.
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// A text of ours as JavaScript has it, made once.
pub(crate) fn js_name(name: &'static str) -> JsValue {
    NAMES.with_borrow_mut(|names| match names.iter().find(|(known, _)| std::ptr::eq(*known, name)) {
        Some((_, js_name)) => js_name.clone(),
        None => {
            let js_name = JsValue::from_str(name);
            names.push((name, js_name.clone()));
            js_name
        }
    })
}

/// The member, or what its getter throws.
pub(crate) fn read(value: &JsValue, name: &'static str) -> Result<JsValue, JsValue> {
    value.unchecked_ref::<Value>().at(&js_name(name))
}

/// A member of the object's own or of its class. What code of others added to all objects is not meant for us.
pub(crate) fn own(object: &JsValue, name: &'static str) -> Result<JsValue, JsValue> {
    if object.is_undefined() {
        return Ok(JsValue::UNDEFINED);
    }
    let member = read(object, name)?;
    let is_everybodys = !member.is_undefined() && all_have(name) && !is_own(object, name)?;
    Ok(if is_everybodys { JsValue::UNDEFINED } else { member })
}

/// Whether somebody added such a member to all objects.
pub(crate) fn all_have(name: &'static str) -> bool {
    OBJECT_PROTOTYPE.with(|all| !get(all, name).is_undefined())
}

/// Whether the object has the member itself, or a class of it has that is no root of all classes.
fn is_own(object: &JsValue, name: &'static str) -> Result<bool, JsValue> {
    let mut holder = object.clone();
    loop {
        if has_own(&holder, name)? {
            return Ok(true);
        }
        holder = prototype_of(&holder)?;
        if holder.is_null() || prototype_of(&holder)?.is_null() {
            return Ok(false);
        }
    }
}

/// The member, or undefined where `value` has none to read. What a getter throws counts as none.
pub(crate) fn get(value: &JsValue, name: &'static str) -> JsValue {
    // An exception takes an engine ten times as long as this check.
    if value.is_undefined() { JsValue::UNDEFINED } else { read(value, name).unwrap_or_default() }
}

/// Whether there is such a member, of the object's own or of its class.
pub(crate) fn has(object: &JsValue, name: &'static str) -> bool {
    Reflect::has(object, &js_name(name)).unwrap_or(false)
}

/// Whether there is something.
pub(crate) fn is_there(value: &JsValue) -> bool {
    !value.is_undefined() && !value.is_null()
}

/// The member, if it is text.
pub(crate) fn text(value: &JsValue, name: &'static str) -> Option<String> {
    get(value, name).as_string()
}

/// The member, if it is a function.
pub(crate) fn method(value: &JsValue, name: &'static str) -> Option<js_sys::Function> {
    get(value, name).dyn_into().ok()
}

/// Sets a member; false where the object refuses it, as frozen ones do.
pub(crate) fn set(object: &JsValue, name: &'static str, value: &JsValue) -> bool {
    Reflect::set(object, &js_name(name), value).unwrap_or(false)
}

/// Whether it is a list. One that cannot be asked, a revoked proxy say, is none.
pub(crate) fn is_array(value: &JsValue) -> bool {
    array_is_array(value).unwrap_or(false)
}

/// A new object with these members.
pub(crate) fn object(members: &Fields<'_>) -> JsValue {
    // Numbers, texts and flags under text keys: nothing that could fail.
    members.serialize(&Serializer::new().serialize_maps_as_objects(true)).unwrap_or(JsValue::UNDEFINED)
}

/// An object of ours as JSON.
pub(crate) fn json_text(object: &JsValue) -> String {
    // Numbers, texts and flags always make JSON.
    JSON::stringify(object).map(String::from).unwrap_or_default()
}

/// A number as JavaScript writes it. Rust's own way costs some kilobytes.
pub(crate) fn number_text(number: f64) -> String {
    string_of(&number.into())
}

/// A copy with the same members; an empty object where they cannot be had.
pub(crate) fn copy(value: &JsValue) -> js_sys::Object {
    let copy = js_sys::Object::new();
    let _ = assign(&copy, value);
    copy
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn string_of(value: &JsValue) -> String;

    #[wasm_bindgen(catch, js_namespace = Object)]
    pub(crate) fn assign(target: &JsValue, source: &JsValue) -> Result<JsValue, JsValue>;
}

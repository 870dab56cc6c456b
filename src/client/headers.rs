//! The headers of every request, and the key among them.

use std::rc::Rc;

use js_sys::{Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::token::Token;
use crate::core::error::Failure;
use crate::web::value::{assign, set, text};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Headers)]
    type JsHeaders;

    #[wasm_bindgen(constructor, catch, js_class = "Headers")]
    fn new(given: &JsValue) -> Result<JsHeaders, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = fromEntries)]
    fn from_entries(entries: &JsHeaders) -> Result<Object, JsValue>;
}

/// What the caller's headers and literal token come to.
pub(super) struct Headers {
    /// Of every request; copied for each.
    pub(super) headers: Object,
    /// The key, if the headers have one.
    pub(super) key: Option<Rc<str>>,
    /// Of the caller's headers, separated by spaces.
    pub(super) values: String,
}

/// A plain object with what is the same for each request, and the key in it. Copied, so that changing what was given changes
/// nothing.
pub(super) fn headers(given: Option<&JsValue>, token: &Token) -> Result<Headers, Box<Failure>> {
    let headers = match given {
        None => Object::new(),
        Some(given) => without_undefined(given)
            .and_then(|given| JsHeaders::new(&given))
            .and_then(|headers| from_entries(&headers))
            .map_err(|_| {
                let allowed = "an object of header names and string values";
                Failure::invalid("headers", allowed, "names or values that no header can have")
            })?,
    };
    let authorization = text(&headers, "authorization");
    if !matches!(token, Token::None) && authorization.is_some() {
        return Err(Failure::invalid("headers", "without authorization when token is given", "both"));
    }
    let values = Object::values(&headers).join(" ").into();
    set(&headers, "content-type", &"application/json".into());
    if let Some(token) = token.text() {
        set_authorization(&headers, token);
    }
    // Behind the scheme's name, as other lanes have it.
    let key = authorization.map(|value| {
        let scheme = value.bytes().position(|byte| byte == b' ');
        value.get(scheme.unwrap_or_default()..).unwrap_or_default().trim_ascii().into()
    });
    Ok(Headers { headers, key, values })
}

/// Members of a plain object that are undefined are as good as none. `new Headers()` would make the text of them.
fn without_undefined(given: &JsValue) -> Result<JsValue, JsValue> {
    if Reflect::get(given, &Symbol::iterator())?.is_function() {
        return Ok(given.clone());
    }
    let copy = Object::new();
    assign(&copy, given)?;
    for name in Object::keys(&copy) {
        if Reflect::get(&copy, &name)?.is_undefined() {
            Reflect::delete_property(&copy, &name)?;
        }
    }
    Ok(copy.into())
}

/// Adds the key.
pub(super) fn set_authorization(headers: &JsValue, token: &str) {
    set(headers, "authorization", &["Bearer ", token].concat().into());
}

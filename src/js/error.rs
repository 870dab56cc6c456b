//! Errors as JavaScript sees them: an `Error` with our members, on a prototype of ours.

use js_sys::{Error as JsError, Function, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use crate::client::error::Error;
use crate::core::error::{Code, Failure};
use crate::web::value::{assign, get, object, set};

/// By which an error of any copy of the package is known.
const BRAND: &str = "extracta-wasm.error";

const NAME: &str = "ExtractaError";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = ["Error"], js_name = prototype)]
    static ERROR_PROTOTYPE: Object;

    #[wasm_bindgen(thread_local_v2, js_namespace = ["Object", "prototype"], js_name = valueOf)]
    static VALUE_OF: Function;

    #[wasm_bindgen(catch, js_namespace = Error, js_name = captureStackTrace)]
    fn capture_stack_trace(error: &JsError, above: &Function) -> Result<(), JsValue>;
}

thread_local! {
    static PROTOTYPE: Object = prototype();
}

/// What is the same for every error of ours.
fn prototype() -> Object {
    let prototype = ERROR_PROTOTYPE.with(Object::create);
    set(&prototype, "name", &NAME.into());
    let _ = Reflect::set(&prototype, &Symbol::for_(BRAND), &JsValue::TRUE);
    prototype
}

/// The value to reject with, or to throw: an `ExtractaError`, or what a function of the caller's threw.
pub(crate) fn into_js(error: Error) -> JsValue {
    if error.code() == Code::Thrown {
        return error.into_parts().1.unwrap_or_default();
    }
    let (failure, value) = error.into_parts();
    extracta_error(*failure, value)
}

fn extracta_error(mut failure: Failure, platform_cause: Option<JsValue>) -> JsValue {
    // Before the cause is taken out, as it may say that one's sentence.
    let message = failure.message();
    let cause = match failure.cause.take() {
        Some(cause) if cause.code == Code::Thrown => platform_cause,
        Some(cause) => Some(extracta_error(*cause, platform_cause)),
        None => platform_cause,
    };
    let error = JsError::new(&message);
    PROTOTYPE.with(|prototype| Object::set_prototype_of(&error, prototype));
    // So that the stack begins with the error's name, where the platform lets it, and has no lines of the wasm and its glue. They
    // lie above a function that is not on the stack, so nothing is left: the package adds the caller's lines.
    let _ = VALUE_OF.with(|nowhere| capture_stack_trace(&error, nowhere));
    let fields = object(&failure.fields());
    let _ = assign(&error, &fields);
    let json = Object::new();
    set(&json, "name", &NAME.into());
    set(&json, "message", &error.message());
    let _ = assign(&json, &fields);
    if let Some(cause) = &cause {
        define(&error, "cause", cause);
        if is_extracta_error(cause, JsValue::UNDEFINED) {
            set(&json, "cause", &get(cause, "toJSON").unchecked_ref::<Function>().call0(cause).unwrap_or_default());
        }
    }
    // A function that gives this object, whatever it is called with.
    define(&error, "toJSON", &VALUE_OF.with(|value_of| value_of.bind0(&json)));
    error.into()
}

/// A member that is not listed among the others.
fn define(error: &JsError, name: &str, value: &JsValue) {
    let property = Object::new();
    for (attribute, value) in [("value", value), ("writable", &JsValue::TRUE), ("configurable", &JsValue::TRUE)] {
        set(&property, attribute, value);
    }
    let _ = Reflect::define_property(error, &name.into(), &property);
}

/// Recognises an `ExtractaError`, also one from another realm or another copy of the package.
#[wasm_bindgen(js_name = isExtractaError, skip_typescript)]
pub fn is_extracta_error(value: &JsValue, code: JsValue) -> bool {
    let is_ours =
        value.is_object() && Reflect::get(value, &Symbol::for_(BRAND)).is_ok_and(|brand| brand == JsValue::TRUE);
    is_ours && (code.is_undefined() || get(value, "code") == code)
}

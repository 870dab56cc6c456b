//! What all copies of the package in one JavaScript realm share: the numbers of its lanes, so that all clients keep one floor.
//!
//! They are numbers only, under a versioned name: any copy can read them, and nobody's promise or timer is shared.

use js_sys::{Float64Array, Map, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::value;

const REGISTRY: &str = "extracta-wasm.lanes.1";

thread_local! {
    static LANES: Map = registry();
}

#[wasm_bindgen]
extern "C" {
    // `copy_to` and `copy_from` of js-sys would ask for lengths first, at each step of a request.
    #[wasm_bindgen(js_namespace = ["Float64Array", "prototype", "set"], js_name = call)]
    fn copy_numbers(to: &mut [f64], from: &Float64Array);

    type Numbers;

    #[wasm_bindgen(method)]
    fn set(this: &Numbers, numbers: &[f64]);
}

/// Reads the numbers of a lane.
pub(crate) fn read_record(record: &Float64Array, numbers: &mut [f64]) {
    copy_numbers(numbers, record);
}

/// Writes the numbers of a lane.
pub(crate) fn write_record(record: &Float64Array, numbers: &[f64]) {
    record.unchecked_ref::<Numbers>().set(numbers);
}

/// The record of a lane; `otherwise` from now on, where there is none.
pub(crate) fn lane_record(key: f64, otherwise: &Float64Array) -> Float64Array {
    let key = key.into();
    LANES.with(|lanes| {
        let record = lanes.get(&key);
        if record.is_undefined() {
            lanes.set(&key, otherwise);
            return otherwise.clone();
        }
        record.unchecked_into()
    })
}

/// Forgets a lane.
pub(crate) fn forget_lane(key: f64) {
    LANES.with(|lanes| lanes.delete(&key.into()));
}

/// Whether this is a Cloudflare Worker, where a promise of one request must not be settled by another.
pub(crate) fn is_cloudflare_worker() -> bool {
    let navigator = value::get(&js_sys::global(), "navigator");
    value::text(&navigator, "userAgent").as_deref() == Some("Cloudflare-Workers")
}

/// Whether visitors can read what this code holds: a page, or a worker of one. Only a browser's workers have both members;
/// Workers at the edge are no pages.
pub(crate) fn is_web_page() -> bool {
    let global: JsValue = js_sys::global().into();
    if !value::get(&value::get(&global, "window"), "document").is_undefined() {
        return true;
    }
    value::method(&global, "importScripts").is_some() && !value::get(&global, "location").is_undefined()
}

fn registry() -> Map {
    let (global, name) = (js_sys::global(), Symbol::for_(REGISTRY));
    if let Some(lanes) = Reflect::get(&global, &name).ok().filter(value::is_there) {
        return lanes.unchecked_into();
    }
    let lanes = Map::new();
    // Where the global object is frozen, each copy of the package keeps a floor of its own.
    let _ = Reflect::set(&global, &name, &lanes);
    lanes
}

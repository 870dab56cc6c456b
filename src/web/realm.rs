//! What all copies of the package in one JavaScript realm share: the numbers of its lanes, so that all clients keep one floor.
//!
//! They are numbers only, under a versioned name: any copy can read them, and nobody's promise or timer is shared.

use js_sys::{Float64Array, Map, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::value;

const REGISTRY: &str = "extracta-wasm.lanes.1";

thread_local! {
    /// Where the global object is frozen, each copy of the package keeps a floor of its own.
    static OWN: Map = Map::new();
}

/// The record of a lane; `otherwise` from now on, where there is none.
pub(crate) fn lane_record(key: f64, otherwise: &Float64Array) -> Float64Array {
    let (lanes, key) = (registry(), key.into());
    let record = lanes.get(&key);
    if record.is_undefined() {
        lanes.set(&key, otherwise);
        return otherwise.clone();
    }
    record.unchecked_into()
}

/// Forgets a lane.
pub(crate) fn forget_lane(key: f64) {
    registry().delete(&key.into());
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
    if let Some(lanes) = Reflect::get(&global, &name).ok().filter(|lanes| !lanes.is_undefined() && !lanes.is_null()) {
        return lanes.unchecked_into();
    }
    let lanes = Map::new();
    match Reflect::set(&global, &name, &lanes) {
        Ok(true) => lanes,
        _ => OWN.with(Clone::clone),
    }
}

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

/// How often the numbers of a lane have changed. That is the number behind them: where it is as it was, so are they.
pub(crate) fn changes<const N: usize>(record: &Float64Array) -> f64 {
    record.get_index(N as u32)
}

/// Reads the numbers of a lane. One by one: for so few, a window on the wasm's memory takes longer to make.
pub(crate) fn read_record<const N: usize>(record: &Float64Array) -> [f64; N] {
    let mut index = 0;
    [(); N].map(|()| {
        let number = record.get_index(index);
        index += 1;
        number
    })
}

/// Writes those numbers of a lane that are others than `before`, and if there are any, that they changed once more than `changes`.
/// Returns how often they have changed now.
pub(crate) fn write_record<const N: usize>(
    record: &Float64Array,
    before: [f64; N],
    numbers: [f64; N],
    changes: f64,
) -> f64 {
    let mut has_changed = false;
    for (index, (before, number)) in (0..).zip(before.into_iter().zip(numbers)) {
        if before.to_bits() != number.to_bits() {
            record.set_index(index, number);
            has_changed = true;
        }
    }
    if !has_changed {
        return changes;
    }
    record.set_index(N as u32, changes + 1.0);
    changes + 1.0
}

/// The record of a lane that nobody has used.
pub(crate) fn new_record<const N: usize>(numbers: [f64; N]) -> Float64Array {
    let record = Float64Array::new_with_length(N as u32 + 1);
    write_record(&record, [0.0; N], numbers, 0.0);
    record
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

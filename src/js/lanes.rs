//! The lanes of this realm.
//!
//! A lane's numbers live in one registry of the JS realm (`lanes.js`), so that all clients keep one floor, two copies of this
//! package included. Who waits, and in which order, each copy knows for itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Float64Array;
use wasm_bindgen::prelude::*;

use super::arguments::Given;
use super::clock;
use super::config::Config;
use crate::job::Endpoint;
use crate::lane::spacing::RECORD_LENGTH;
use crate::lane::{Lane, Spacing};

#[wasm_bindgen(module = "/src/js/lanes.js")]
extern "C" {
    /// A number that tells lanes apart without giving the token away.
    #[wasm_bindgen(js_name = laneKey)]
    fn lane_key(config: &Given, endpoint: u32, token: &JsValue) -> f64;

    /// The record of a lane; `otherwise` from now on, where there is none.
    #[wasm_bindgen(js_name = laneRecord)]
    fn lane_record(key: f64, otherwise: &Float64Array) -> Float64Array;

    #[wasm_bindgen(js_name = forgetLane)]
    fn forget_lane(key: f64);

    #[wasm_bindgen(js_name = readRecord)]
    fn read_record(record: &Float64Array, numbers: &mut [f64]);

    #[wasm_bindgen(js_name = writeRecord)]
    fn write_record(record: &Float64Array, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64);
}

/// From so many lanes on, a new one first clears away those that hold nobody up.
const LANES_BEFORE_CLEANING: usize = 64;

thread_local! {
    static LANES: RefCell<Vec<(f64, SharedLane)>> = const { RefCell::new(Vec::new()) };
}

/// A lane whose numbers are shared with the whole realm.
#[derive(Clone)]
pub(crate) struct SharedLane(Rc<Shared>);

struct Shared {
    lane: RefCell<Lane>,
    record: RefCell<Float64Array>,
    /// Of the token that last brought somebody here.
    key: Cell<f64>,
}

impl SharedLane {
    fn new(record: Float64Array) -> Self {
        Self(Rc::new(Shared { lane: RefCell::default(), record: RefCell::new(record), key: Cell::default() }))
    }

    /// What it is known by, within this realm and beyond: a number that does not give the token away.
    pub(crate) fn key(&self) -> f64 {
        self.0.key.get()
    }

    /// Runs `change` on the lane as it stands in the realm now.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut Lane) -> R) -> R {
        let mut lane = self.0.lane.borrow_mut();
        self.read_into(&mut lane);
        let result = change(&mut lane);
        self.write_from(&lane);
        result
    }

    // Not inlined: `with` is used for each step of a request.
    #[inline(never)]
    fn read_into(&self, lane: &mut Lane) {
        let mut record = [0.0; RECORD_LENGTH];
        read_record(&self.0.record.borrow(), &mut record);
        lane.spacing = Spacing::from_record(record);
    }

    #[inline(never)]
    fn write_from(&self, lane: &Lane) {
        let [a, b, c, d, e, f, g] = lane.spacing.record();
        write_record(&self.0.record.borrow(), a, b, c, d, e, f, g);
    }

    fn is_unused(&self) -> bool {
        Rc::strong_count(&self.0) == 1 && self.with(|lane| lane.queue.is_empty() && lane.spacing.is_idle(clock::now()))
    }
}

/// The lane of an endpoint and a token. A client whose token changes names its lane so far as `former`: the account is the
/// same, so the new token takes that lane along.
pub(crate) fn lane(config: &Config, endpoint: Endpoint, token: &JsValue, former: Option<&SharedLane>) -> SharedLane {
    let key = lane_key(&config.given, endpoint as u32, token);
    LANES.with_borrow_mut(|lanes| {
        if let Some((_, lane)) = lanes.iter().find(|(known, _)| *known == key) {
            // Another copy may have cleared the numbers away meanwhile, and begun anew.
            let mut record = lane.0.record.borrow_mut();
            *record = lane_record(key, &record);
            lane.0.key.set(key);
            return lane.clone();
        }
        if lanes.len() >= LANES_BEFORE_CLEANING {
            lanes.retain(|(key, lane)| {
                let keep = !lane.is_unused();
                if !keep {
                    forget_lane(*key);
                }
                keep
            });
        }
        let otherwise = match former {
            Some(former) => former.0.record.borrow().clone(),
            None => Float64Array::from(Spacing::default().record().as_slice()),
        };
        let record = lane_record(key, &otherwise);
        let lane = match former {
            Some(former) if *record == *otherwise => former.clone(),
            _ => SharedLane::new(record),
        };
        lane.0.key.set(key);
        lanes.push((key, lane.clone()));
        lane
    })
}

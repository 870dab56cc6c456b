//! The lanes of this realm.
//!
//! A lane's numbers live in one registry of the JS realm, so that all clients keep one floor, two copies of this package
//! included. They are numbers only, under a versioned name: any copy can read them, and nobody's promise or timer is shared.
//! Who waits, and in which order, each copy knows for itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Float64Array, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::clock;
use crate::lane::spacing::RECORD_LENGTH;
use crate::lane::{Lane, Spacing};
use crate::reply::fnv1a;

const REGISTRY: &str = "extracta-wasm.lanes.1";

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
        self.0.record.borrow().copy_to(&mut record);
        lane.spacing = Spacing::from_record(record);
    }

    #[inline(never)]
    fn write_from(&self, lane: &Lane) {
        self.0.record.borrow().copy_from(&lane.spacing.record());
    }

    fn is_unused(&self) -> bool {
        Rc::strong_count(&self.0) == 1 && self.with(|lane| lane.queue.is_empty() && lane.spacing.is_idle(clock::now()))
    }
}

/// The lane of `url` and `token`. A client whose token changes names its lane so far as `former`: the account is the same,
/// so the new token takes that lane along.
pub(crate) fn lane(url: &str, token: Option<&str>, former: Option<&SharedLane>) -> SharedLane {
    let key = key(url, token);
    LANES.with_borrow_mut(|lanes| {
        let registry = Registry::of_realm();
        let shared = registry.get(key);
        if let Some((_, lane)) = lanes.iter().find(|(known, _)| *known == key) {
            // Another copy may have cleared the numbers away meanwhile, and begun anew.
            match shared {
                Some(record) => *lane.0.record.borrow_mut() = record,
                None => registry.set(key, &lane.0.record.borrow()),
            }
            lane.0.key.set(key);
            return lane.clone();
        }
        if lanes.len() >= LANES_BEFORE_CLEANING {
            lanes.retain(|(key, lane)| {
                let keep = !lane.is_unused();
                if !keep {
                    registry.delete(*key);
                }
                keep
            });
        }
        let lane = match (shared, former) {
            (Some(record), _) => SharedLane::new(record),
            (None, Some(former)) => former.clone(),
            (None, None) => SharedLane::new(Float64Array::from(Spacing::default().record().as_slice())),
        };
        registry.set(key, &lane.0.record.borrow());
        lane.0.key.set(key);
        lanes.push((key, lane.clone()));
        lane
    })
}

/// A number that tells lanes apart without giving the token away: 53 bits of a hash.
fn key(url: &str, token: Option<&str>) -> f64 {
    (fnv1a(&[url, token.unwrap_or_default()]) >> 11) as f64
}

/// The realm's records, by key.
struct Registry(JsValue);

impl Registry {
    fn of_realm() -> Self {
        let (global, name) = (js_sys::global(), Symbol::for_(REGISTRY));
        let registry = Reflect::get(&global, &name).unwrap_or(JsValue::UNDEFINED);
        if registry.is_object() {
            return Self(registry);
        }
        let registry = Object::new();
        // Where the global object is frozen, each copy of the package keeps a floor of its own.
        let _ = Reflect::set(&global, &name, &registry);
        Self(registry.into())
    }

    fn get(&self, key: f64) -> Option<Float64Array> {
        let record = Reflect::get(&self.0, &key.into()).unwrap_or(JsValue::UNDEFINED);
        record.is_object().then(|| record.unchecked_into())
    }

    fn set(&self, key: f64, record: &JsValue) {
        let _ = Reflect::set(&self.0, &key.into(), record);
    }

    fn delete(&self, key: f64) {
        let _ = Reflect::delete_property(self.0.unchecked_ref::<Object>(), &key.into());
    }
}

//! The lanes of this realm.
//!
//! A lane's numbers live in one registry of the JavaScript realm, so that all clients keep one floor, two copies of this package
//! included. Who waits, and in which order, each copy knows for itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Float64Array;

use super::waiter::Waiters;
use crate::core::lane::{Lane, RECORD_LENGTH, Spacing};
use crate::web::{clock, realm};

/// From so many lanes on, a new one first clears away those that hold nobody up.
const LANES_BEFORE_CLEANING: usize = 64;

/// By so many of its client's last tokens a lane is known: others may still use one of them.
const TOKENS_KEPT: usize = 8;

thread_local! {
    static LANES: RefCell<Vec<(f64, SharedLane)>> = const { RefCell::new(Vec::new()) };
}

/// A lane whose numbers are shared with the whole realm.
#[derive(Clone)]
pub(crate) struct SharedLane(Rc<Shared>);

struct Shared {
    lane: RefCell<Lane>,
    record: RefCell<Float64Array>,
    /// How often the record had changed when `lane` was last as it says; NaN before.
    changes: Cell<f64>,
    waiters: Waiters,
    /// Of the token that last brought somebody here.
    key: Cell<f64>,
}

impl SharedLane {
    fn new(record: Float64Array) -> Self {
        Self(Rc::new(Shared {
            lane: RefCell::default(),
            record: RefCell::new(record),
            changes: Cell::new(f64::NAN),
            waiters: Waiters::default(),
            key: Cell::default(),
        }))
    }

    /// What it is known by, within this realm and beyond: a number that does not give the token away.
    pub(crate) fn key(&self) -> f64 {
        self.0.key.get()
    }

    /// Who waits on it.
    pub(crate) fn waiters(&self) -> &Waiters {
        &self.0.waiters
    }

    /// Whether a proxy does the spacing.
    pub(crate) fn is_paced(&self) -> bool {
        self.with(|lane| lane.spacing.is_paced())
    }

    /// Where a proxy does the spacing, and there is room: whoever is next looks again.
    pub(crate) fn wake_next(&self) {
        if let Some(ticket) = self.with(|lane| lane.next_up(clock::now())) {
            self.waiters().wake(ticket);
        }
    }

    /// Runs `change` on the lane as it stands in the realm now.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut Lane) -> R) -> R {
        let mut lane = self.0.lane.borrow_mut();
        self.read_into(&mut lane);
        let before = lane.spacing.record();
        let result = change(&mut lane);
        self.write_from(&lane, before);
        result
    }

    // Not inlined: `with` is used for each step of a request.
    #[inline(never)]
    fn read_into(&self, lane: &mut Lane) {
        let record = self.0.record.borrow();
        let changes = realm::changes::<RECORD_LENGTH>(&record);
        if self.0.changes.replace(changes) != changes {
            lane.spacing = Spacing::from_record(realm::read_record(&record));
        }
    }

    #[inline(never)]
    fn write_from(&self, lane: &Lane, before: [f64; RECORD_LENGTH]) {
        let record = self.0.record.borrow();
        let changes = realm::write_record(&record, before, lane.spacing.record(), self.0.changes.get());
        self.0.changes.set(changes);
    }

    fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Whether nobody holds it but the list, by so many keys.
    fn is_unused(&self, keys: usize) -> bool {
        Rc::strong_count(&self.0) == keys
            && self.with(|lane| lane.queue.is_empty() && lane.spacing.is_idle(clock::now()))
    }
}

/// The lane with that key. A client whose token changes names its lane so far as `former`: the account is the same, so the new
/// token takes that lane along.
pub(crate) fn lane(key: f64, former: Option<&SharedLane>) -> SharedLane {
    LANES.with_borrow_mut(|lanes| {
        if let Some((_, lane)) = lanes.iter().find(|(known, _)| *known == key) {
            // Another copy may have cleared the numbers away meanwhile, and begun anew.
            let mut record = lane.0.record.borrow_mut();
            let current = realm::lane_record(key, &record);
            if *current != **record {
                *record = current;
                lane.0.changes.set(f64::NAN);
            }
            lane.0.key.set(key);
            return lane.clone();
        }
        if lanes.len() >= LANES_BEFORE_CLEANING {
            let keys_of = |lane: &SharedLane| lanes.iter().filter(|(_, known)| known.is(lane)).count();
            let unused: Vec<_> =
                lanes.iter().filter(|(_, lane)| lane.is_unused(keys_of(lane))).map(|(key, _)| *key).collect();
            lanes.retain(|(key, _)| !unused.contains(key));
            unused.into_iter().for_each(realm::forget_lane);
        }
        let otherwise = match former {
            Some(former) => former.0.record.borrow().clone(),
            None => realm::new_record(Spacing::default().record()),
        };
        let record = realm::lane_record(key, &otherwise);
        let lane = match former {
            Some(former) if *record == *otherwise => former.clone(),
            _ => SharedLane::new(record),
        };
        lane.0.key.set(key);
        lanes.push((key, lane.clone()));
        let is_known_by: Vec<_> =
            (0..lanes.len()).filter(|at| lanes.get(*at).is_some_and(|(_, known)| known.is(&lane))).collect();
        if let Some(oldest) = is_known_by.first().filter(|_| is_known_by.len() > TOKENS_KEPT) {
            realm::forget_lane(lanes.remove(*oldest).0);
        }
        lane
    })
}

/// A number that distinguishes lanes without giving the token away: 53 bits of a hash.
pub(crate) fn lane_key(place: &[u8], token: &str) -> f64 {
    let (mut high, mut low) = (0x811c_9dc5_u32, 0x0100_0193_u32);
    for byte in place.iter().copied().chain([b' ']).chain(token.bytes()) {
        high = (high ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        low = (low ^ high).wrapping_mul(0x5bd1_e995) ^ (high >> 13);
    }
    f64::from(high >> 11) * 4_294_967_296.0 + f64::from(low)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_known_by_a_whole_number_of_its_address_and_token() {
        let url = b"api.extracta.ai/api/v1/getBatchResults";
        let keys = [lane_key(url, ""), lane_key(url, "k"), lane_key(url, "l"), lane_key(b"a.b", "k")];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(key.fract(), 0.0);
            assert!((0.0..9_007_199_254_740_992.0).contains(key));
            assert!(keys.iter().skip(index + 1).all(|other| other != key));
        }
    }
}

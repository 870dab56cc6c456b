//! What the calls of one client share: its options, its lanes, and the list of them.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use web_sys::AbortSignal;

use super::call::Call;
use super::config::Config;
use super::error::closed;
use super::lanes::{SharedLane, lane};
use crate::job::Endpoint;
use crate::lane::Lane;

/// What a client's calls share. They hold it on their own, so the client may go while they run.
pub(crate) struct Session {
    pub(crate) config: Config,
    calls: RefCell<Vec<Weak<Call>>>,
    /// The lane last used for each endpoint.
    lanes: RefCell<[Option<SharedLane>; 2]>,
}

impl Session {
    pub(crate) fn new(config: Config) -> Rc<Self> {
        Rc::new(Self { config, calls: RefCell::default(), lanes: RefCell::default() })
    }

    /// The lane of an endpoint for `token`.
    pub(crate) fn lane(&self, endpoint: Endpoint, token: Option<&str>) -> SharedLane {
        let url = self.config.url(endpoint);
        let mut lanes = self.lanes.borrow_mut();
        let known = slot(&mut lanes, endpoint);
        let lane = lane(&url, token, known.as_ref());
        lane.with(|lane| lane.spacing.require_floor(self.config.floor_ms));
        *known = Some(lane.clone());
        lane
    }

    /// Looks at the lane last used for an endpoint, if any.
    pub(crate) fn with_known_lane(&self, endpoint: Endpoint, look: impl FnOnce(&mut Lane)) {
        let lane = slot(&mut self.lanes.borrow_mut(), endpoint).clone();
        if let Some(lane) = lane {
            lane.with(look);
        }
    }

    /// A new call, known until it settles.
    pub(crate) fn call(&self, signal: Option<AbortSignal>) -> Rc<Call> {
        let call = Call::new(signal);
        let mut calls = self.calls.borrow_mut();
        calls.retain(|call| call.strong_count() > 0);
        calls.push(Rc::downgrade(&call));
        call
    }

    /// Ends all calls.
    pub(crate) fn close(&self) {
        for call in self.calls.take() {
            if let Some(call) = call.upgrade() {
                call.stop(closed());
            }
        }
    }
}

fn slot(lanes: &mut [Option<SharedLane>; 2], endpoint: Endpoint) -> &mut Option<SharedLane> {
    let [extraction, classification] = lanes;
    match endpoint {
        Endpoint::Extraction => extraction,
        Endpoint::Classification => classification,
    }
}

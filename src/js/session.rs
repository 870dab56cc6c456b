//! What the calls of one client share: its options, its lanes, and the list of them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::call::runs_of;
use super::config::Config;
use super::error::closed;
use super::lanes::{SharedLane, lane};
use super::presence::Presence;
use crate::job::Endpoint;

/// What a client's calls share. They hold it on their own, so the client may go while they run.
pub(crate) struct Session {
    pub(crate) config: Config,
    /// How many calls run.
    running: Cell<u32>,
    /// Listened to from the first sleep on, while there are calls.
    presence: RefCell<Option<Presence>>,
    /// The lane last used for each endpoint.
    lanes: RefCell<[Option<SharedLane>; 2]>,
}

impl Session {
    pub(crate) fn new(config: Config) -> Rc<Self> {
        Rc::new(Self { config, running: Cell::default(), presence: RefCell::default(), lanes: RefCell::default() })
    }

    /// The lane of an endpoint for `token`, which is undefined where the options say it or a proxy adds it.
    pub(crate) fn lane(&self, endpoint: Endpoint, token: &JsValue) -> SharedLane {
        let mut lanes = self.lanes.borrow_mut();
        let known = slot(&mut lanes, endpoint);
        let lane = lane(&self.config, endpoint, token, known.as_ref());
        *known = Some(lane.clone());
        lane
    }

    /// The lane last used for an endpoint, if any.
    pub(crate) fn known_lane(&self, endpoint: Endpoint) -> Option<SharedLane> {
        slot(&mut self.lanes.borrow_mut(), endpoint).clone()
    }

    /// A call begins.
    pub(crate) fn begin(&self) {
        self.running.set(self.running.get() + 1);
    }

    /// A call is about to sleep: a page that was hidden has late timers, so its calls look at the clock when it is shown.
    pub(crate) fn attend(self: &Rc<Self>) {
        let mut presence = self.presence.borrow_mut();
        if presence.is_none() {
            let session = Rc::downgrade(self);
            *presence = Presence::new(move || {
                for run in session.upgrade().iter().flat_map(runs_of) {
                    run.look();
                }
            });
        }
    }

    /// A call settles.
    pub(crate) fn end(&self) {
        self.running.set(self.running.get() - 1);
        if self.running.get() == 0 {
            self.presence.take();
        }
    }

    /// Ends all calls.
    pub(crate) fn close(self: &Rc<Self>) {
        for run in runs_of(self) {
            run.stop(closed());
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

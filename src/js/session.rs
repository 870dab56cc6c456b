//! What the calls of one client share: its options, its lanes, and the list of them.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::call::Call;
use super::config::Config;
use super::error::closed;
use super::lanes::{SharedLane, lane};
use super::presence::Presence;
use crate::job::Endpoint;

/// What a client's calls share. They hold it on their own, so the client may go while they run.
pub(crate) struct Session {
    pub(crate) config: Config,
    calls: RefCell<Vec<Weak<Call>>>,
    /// Listened to while there are calls.
    presence: RefCell<Option<Presence>>,
    /// The lane last used for each endpoint.
    lanes: RefCell<[Option<SharedLane>; 2]>,
}

impl Session {
    pub(crate) fn new(config: Config) -> Rc<Self> {
        Rc::new(Self { config, calls: RefCell::default(), presence: RefCell::default(), lanes: RefCell::default() })
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

    /// A new call, known until it ends.
    pub(crate) fn call(self: &Rc<Self>, signal: Option<AbortSignal>) -> Rc<Call> {
        let call = Call::new(signal);
        let mut calls = self.calls.borrow_mut();
        if calls.is_empty() {
            let session = Rc::downgrade(self);
            *self.presence.borrow_mut() = Presence::new(move || {
                if let Some(session) = session.upgrade() {
                    session.each_call(Call::look_again);
                }
            });
        }
        calls.push(Rc::downgrade(&call));
        call
    }

    /// A call settles.
    pub(crate) fn end(&self, call: &Rc<Call>) {
        call.end();
        let mut calls = self.calls.borrow_mut();
        calls.retain(|other| !std::ptr::eq(other.as_ptr(), Rc::as_ptr(call)));
        if calls.is_empty() {
            self.presence.take();
        }
    }

    /// Ends all calls.
    pub(crate) fn close(&self) {
        self.each_call(|call| call.stop(closed()));
    }

    fn each_call(&self, act: impl Fn(&Call)) {
        // They may end, and leave the list, while they are told.
        let calls = self.calls.borrow().clone();
        for call in calls.iter().filter_map(Weak::upgrade) {
            act(&call);
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

//! What the calls of one client share: its options, its lanes, and the list of them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use send_wrapper::SendWrapper;

use super::config::Config;
use super::control::Control;
use super::error::Error;
use super::lanes::{SharedLane, lane, lane_key};
use crate::core::batch::Endpoint;
use crate::core::error::{Code, Failure};
use crate::core::events::Event;
use crate::web::realm;
use crate::web::visibility::Presence;

/// What a client's calls share. They hold it on their own, so the client may go while they run.
pub(crate) struct Session {
    pub(crate) config: Config,
    /// The calls that run, by their numbers, which grow.
    calls: RefCell<Vec<(u32, Rc<Control>)>>,
    last_number: Cell<u32>,
    /// Listened to from the first sleep on, while there are calls.
    presence: RefCell<Option<Presence>>,
    /// Whether the page was left, and may come back.
    is_away: Cell<bool>,
    /// The lane last used for each endpoint.
    lanes: RefCell<[Option<SharedLane>; 2]>,
    needs_bells: bool,
    /// Whether the token of the last upload was refused: the next one asks for another, as it is not sent anew by itself.
    pub(crate) renew_token: Cell<bool>,
    is_closed: Cell<bool>,
}

impl Session {
    pub(crate) fn new(config: Config) -> Rc<Self> {
        Rc::new(Self {
            config,
            calls: RefCell::default(),
            last_number: Cell::default(),
            presence: RefCell::default(),
            is_away: Cell::default(),
            lanes: RefCell::default(),
            needs_bells: realm::is_cloudflare_worker(),
            renew_token: Cell::default(),
            is_closed: Cell::default(),
        })
    }

    /// The lane of an endpoint for `token`; without, for the token that the options say or a proxy adds.
    pub(crate) fn lane(&self, endpoint: Endpoint, token: Option<&str>) -> SharedLane {
        let mut lanes = self.lanes.borrow_mut();
        let known = slot(&mut lanes, endpoint);
        let own = token.or(self.config.key()).unwrap_or_default();
        let lane = lane(lane_key(self.config.place(endpoint), own), known.as_ref());
        *known = Some(lane.clone());
        lane
    }

    /// The lane last used for an endpoint, if any.
    pub(crate) fn known_lane(&self, endpoint: Endpoint) -> Option<SharedLane> {
        slot(&mut self.lanes.borrow_mut(), endpoint).clone()
    }

    /// A call begins: what reaches it, until the entry is dropped.
    pub(crate) fn enter(self: &Rc<Self>) -> Entry {
        let number = self.last_number.get().wrapping_add(1);
        self.last_number.set(number);
        let control = Control::new(self.needs_bells);
        self.calls.borrow_mut().push((number, control.clone()));
        // While the options of a call are read, functions of the caller's may close the client.
        if self.is_closed.get() {
            control.stop(Error::closed());
        }
        Entry { session: self.clone(), number, control }
    }

    /// A call is about to sleep: a page that was hidden has late timers, so its calls look at the clock when it is shown.
    pub(crate) fn attend(self: &Rc<Self>) {
        let mut presence = self.presence.borrow_mut();
        if presence.is_none() {
            let session = Rc::downgrade(self);
            *presence = Presence::new(move |is_away| {
                let Some(session) = session.upgrade() else { return };
                if let Some(is_away) = is_away {
                    session.is_away.set(is_away);
                }
                for control in session.controls() {
                    control.wake();
                }
            });
        }
    }

    /// Whether the page was left, and may come back.
    pub(crate) fn is_away(&self) -> bool {
        self.is_away.get()
    }

    /// Fails once the client is closed.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_closed.get() { Err(Error::closed()) } else { Ok(()) }
    }

    /// Ends all calls.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        for control in self.controls() {
            control.stop(Error::closed());
        }
        self.let_go();
    }

    /// A client that is closed holds nothing of the caller's any more once its calls have ended.
    fn let_go(&self) {
        if self.is_closed.get() && self.calls.borrow().is_empty() {
            self.config.let_go();
        }
    }

    /// Reports an event to the observer.
    pub(crate) fn emit(&self, event: &Event<'_>) {
        if let Some(observe) = &self.config.functions().on_event {
            observe(event);
        }
    }

    // A copy, as whoever is woken may end, and leave the list.
    fn controls(&self) -> Vec<Rc<Control>> {
        self.calls.borrow().iter().map(|(_, control)| control.clone()).collect()
    }
}

/// A session as Rust callers hold it, in what may have to be `Send`.
#[derive(Clone)]
pub(super) struct Held(Option<SendWrapper<Rc<Session>>>);

impl Held {
    pub(super) fn new(session: Rc<Session>) -> Self {
        Self(Some(SendWrapper::new(session)))
    }

    /// Where there is no JavaScript.
    pub(super) const fn unsupported() -> Self {
        Self(None)
    }

    pub(super) fn get(&self) -> Option<&Rc<Session>> {
        self.0.as_deref()
    }

    /// The session, unless calls on it fail.
    pub(super) fn open(&self) -> Result<&Rc<Session>, Error> {
        let session = self.get().ok_or_else(|| Error::from(Failure::new(Code::Unsupported)))?;
        session.check()?;
        Ok(session)
    }
}

/// A call in the list of those that run.
pub(crate) struct Entry {
    session: Rc<Session>,
    number: u32,
    pub(crate) control: Rc<Control>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut calls = self.session.calls.borrow_mut();
        let known =
            calls.binary_search_by_key(&self.number, |(number, _)| *number).ok().map(|index| calls.remove(index));
        let is_last = calls.is_empty();
        // Only now, as dropping what it held may reach the list again.
        drop(calls);
        drop(known);
        if is_last {
            self.session.presence.take();
            self.session.is_away.set(false);
            self.session.let_go();
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

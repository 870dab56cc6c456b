//! Who waits on a lane for an answer about which batch: equal requests that wait at the same time are sent once.
//!
//! Where a proxy does the spacing, several requests are under way, each about another batch, and waiters are notified when one of
//! them has ended.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::core::batch::Batch;
use crate::core::error::{Code, Failure};
use crate::core::lane::MOST_UNDER_WAY;
use crate::core::response::{OnUnknownStatus, Reading};

/// A good reply, made certain, what it means, and the batch's state as a proxy names it.
pub(crate) type Answer = (JsValue, Reading, Option<Rc<str>>);

/// What went wrong with an attempt, and what the platform complained of.
pub(crate) type Failed = (Box<Failure>, Option<JsValue>);

/// What came of a request.
pub(crate) type Outcome = Result<Answer, Failed>;

/// What makes two requests equal: which batch, and how the answer is read.
pub(super) type RequestKey<'a> = (&'a Batch, OnUnknownStatus);

/// A call that waits.
pub(super) trait Waiting {
    /// The request that it waits for.
    fn request_key(&self) -> RequestKey<'_>;

    /// On whose behalf it asks; 0 for nobody's.
    fn visitor(&self) -> u64;

    /// Whether it knows the batch's state as a proxy names it: then it waits for another one.
    fn knows_state(&self) -> bool;

    /// There is an answer for it.
    fn wake(&self);
}

/// One that waits.
pub(crate) struct Waiter {
    call: Rc<dyn Waiting>,
    since: f64,
    ticket: u32,
    /// What came of another's request, and when that started.
    outcome: RefCell<Option<(f64, Outcome)>>,
    stage: Cell<Stage>,
    /// When its request started, where one is under way.
    started_at: Cell<f64>,
}

/// How far one is that asks through a proxy which does the spacing.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Stage {
    #[default]
    Waits,
    /// Its request is under way.
    UnderWay,
    /// The same, until there is something new.
    Held,
    /// The same, and others need its place more.
    CalledOff,
}

impl Waiter {
    pub(super) fn new(call: Rc<dyn Waiting>, ticket: u32, since: f64) -> Rc<Self> {
        Rc::new(Self {
            call,
            since,
            ticket,
            outcome: RefCell::default(),
            stage: Cell::default(),
            started_at: Cell::default(),
        })
    }

    pub(super) fn is_at(&self, stage: Stage) -> bool {
        self.stage.get() == stage
    }

    pub(super) fn enter(&self, stage: Stage) {
        self.stage.set(stage);
    }

    /// Its request starts, as one of several.
    pub(super) fn start(&self, now: f64) {
        self.enter(Stage::UnderWay);
        self.started_at.set(now);
    }

    /// Whether the answer to a request that started then is one to it, too. Whoever knows the batch's state waits for another one,
    /// whenever it was asked for; any other answer may be from before this request.
    fn may_take_from(&self, started_at: f64) -> bool {
        self.since <= started_at || self.call.knows_state()
    }

    fn equals(&self, key: RequestKey<'_>) -> bool {
        self.call.request_key() == key
    }

    /// What came of another's request, once.
    pub(super) fn take_outcome(&self) -> Option<(f64, Outcome)> {
        self.outcome.take()
    }

    pub(super) fn visitor(&self) -> u64 {
        self.call.visitor()
    }
}

/// Those who wait on one lane, and the polls that a proxy paces.
#[derive(Default)]
pub(crate) struct Waiters(RefCell<Vec<Rc<Waiter>>>, RefCell<Vec<(u32, u64)>>);

impl Waiters {
    pub(super) fn add(&self, waiter: &Rc<Waiter>) {
        self.0.borrow_mut().push(waiter.clone());
    }

    /// A poll, by its number, goes on with this batch.
    pub(super) fn add_poll(&self, number: u32, batch: u64) {
        self.1.borrow_mut().push((number, batch));
    }

    pub(super) fn remove_poll(&self, number: u32) {
        self.1.borrow_mut().retain(|(known, _)| *known != number);
    }

    /// Whether more batches are polled than requests may be under way: then none is held until there is something new.
    pub(super) fn are_many(&self) -> bool {
        let mut batches = Vec::new();
        for (_, batch) in self.1.borrow().iter() {
            if !batches.contains(batch) {
                batches.push(*batch);
            }
            if batches.len() > MOST_UNDER_WAY {
                return true;
            }
        }
        false
    }

    /// Whether another's request is under way whose answer will be one to it, too.
    pub(super) fn has_equal_under_way(&self, own: &Rc<Waiter>) -> bool {
        let key = own.call.request_key();
        let is_one = |other: &Rc<Waiter>| {
            !Rc::ptr_eq(other, own)
                && !other.is_at(Stage::Waits)
                && own.may_take_from(other.started_at.get())
                && other.equals(key)
        };
        self.0.borrow().iter().any(is_one)
    }

    /// One that waits for something new makes room for one that must not wait so long.
    pub(super) fn call_off_one(&self) {
        self.notify(|waiter| waiter.is_at(Stage::Held), |waiter| waiter.enter(Stage::CalledOff));
    }

    /// Has the one with that ticket look again.
    pub(super) fn wake(&self, ticket: u32) {
        self.notify(|waiter| waiter.ticket == ticket, |_| {});
    }

    /// Has those look again that wait for the end of a request for the same.
    pub(super) fn wake_equals(&self, own: &Rc<Waiter>) {
        let key = own.call.request_key();
        let equals: Vec<_> = self.0.borrow().iter().filter(|waiter| waiter.equals(key)).cloned().collect();
        equals.iter().for_each(|waiter| waiter.call.wake());
    }

    fn notify(&self, is_one: impl Fn(&Waiter) -> bool, change: impl Fn(&Waiter)) {
        let one = self.0.borrow().iter().find(|waiter| is_one(waiter)).cloned();
        // Not while the list is borrowed.
        if let Some(waiter) = one {
            change(&waiter);
            waiter.call.wake();
        }
    }

    pub(super) fn remove(&self, waiter: &Rc<Waiter>) {
        let mut waiters = self.0.borrow_mut();
        let known = waiters.iter().position(|other| Rc::ptr_eq(other, waiter)).map(|index| waiters.swap_remove(index));
        // Not while the list is borrowed.
        drop(waiters);
        drop(known);
    }

    /// The request with this `key` that started at `started_at` was answered: so is everybody who waits for the same request.
    /// A failure is that of visitors alone, as they are many, and each may ask again. Gives the visitors that were answered.
    pub(super) fn answer(&self, key: RequestKey<'_>, started_at: f64, outcome: &Outcome) -> Vec<u64> {
        let takes = |waiter: &&Rc<Waiter>| match outcome {
            Ok(_) => true,
            // Nobody has to be notified that all are to stay away.
            Err((failure, _)) => waiter.visitor() > 0 && failure.code != Code::RateLimited,
        };
        let is_equal =
            |waiter: &&Rc<Waiter>| waiter.may_take_from(started_at) && waiter.is_at(Stage::Waits) && waiter.equals(key);
        let equals: Vec<_> = self.0.borrow().iter().filter(takes).filter(is_equal).cloned().collect();
        let visitors = equals.iter().map(|waiter| waiter.visitor()).collect();
        for waiter in equals {
            waiter.outcome.replace(Some((started_at, outcome.clone())));
            waiter.call.wake();
        }
        visitors
    }
}

//! Who waits on a lane for an answer about which batch: equal questions that wait at the same time are asked once.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::core::batch::Batch;
use crate::core::response::{OnUnknownStatus, Reading};

/// A good reply, made certain, and what it means.
pub(crate) type Answer = (JsValue, Reading);

/// What is asked: about which batch, and how the answer is read.
pub(super) type Asked<'a> = (&'a Batch, OnUnknownStatus);

/// A call that waits.
pub(super) trait Waiting {
    /// What it asks.
    fn asked(&self) -> Asked<'_>;

    /// There is an answer for it.
    fn wake(&self);
}

/// One that waits.
pub(crate) struct Asker {
    call: Rc<dyn Waiting>,
    /// An answer to a request that started earlier may be of before the question.
    since: f64,
    /// What another's request brought, and when that started.
    answer: RefCell<Option<(f64, Answer)>>,
}

impl Asker {
    pub(super) fn new(call: Rc<dyn Waiting>, since: f64) -> Rc<Self> {
        Rc::new(Self { call, since, answer: RefCell::default() })
    }

    /// The answer that another's request brought, once.
    pub(super) fn take_answer(&self) -> Option<(f64, Answer)> {
        self.answer.take()
    }
}

/// Those who wait on one lane.
#[derive(Default)]
pub(crate) struct Askers(RefCell<Vec<Rc<Asker>>>);

impl Askers {
    pub(super) fn add(&self, asker: &Rc<Asker>) {
        self.0.borrow_mut().push(asker.clone());
    }

    pub(super) fn remove(&self, asker: &Rc<Asker>) {
        let mut askers = self.0.borrow_mut();
        let known = askers.iter().position(|other| Rc::ptr_eq(other, asker)).map(|index| askers.swap_remove(index));
        // Not while the list is borrowed.
        drop(askers);
        drop(known);
    }

    /// The request for what was `asked` that started at `started_at` was answered: so is everybody who waits with the same question.
    pub(super) fn answer(&self, asked: Asked<'_>, started_at: f64, answer: &Answer) {
        let is_equal = |asker: &&Rc<Asker>| asker.since <= started_at && asker.call.asked() == asked;
        let equals: Vec<_> = self.0.borrow().iter().filter(is_equal).cloned().collect();
        for asker in equals {
            asker.answer.replace(Some((started_at, answer.clone())));
            asker.call.wake();
        }
    }
}

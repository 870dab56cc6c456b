//! Who waits on a lane for an answer about which batch: equal questions that wait at the same time are asked once.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::core::batch::Batch;
use crate::core::error::{Code, Failure};
use crate::core::response::{OnUnknownStatus, Reading};

/// A good reply, made certain, and what it means.
pub(crate) type Answer = (JsValue, Reading);

/// What went wrong with an attempt, and what the platform complained of.
pub(crate) type Failed = (Box<Failure>, Option<JsValue>);

/// What came of a request.
pub(crate) type Outcome = Result<Answer, Failed>;

/// What is asked: about which batch, and how the answer is read.
pub(super) type Asked<'a> = (&'a Batch, OnUnknownStatus);

/// A call that waits.
pub(super) trait Waiting {
    /// What it asks.
    fn asked(&self) -> Asked<'_>;

    /// On whose behalf it asks; 0 for nobody's.
    fn visitor(&self) -> u64;

    /// There is an answer for it.
    fn wake(&self);
}

/// One that waits.
pub(crate) struct Asker {
    call: Rc<dyn Waiting>,
    /// An answer to a request that started earlier may be of before the question.
    since: f64,
    /// What came of another's request, and when that started.
    outcome: RefCell<Option<(f64, Outcome)>>,
}

impl Asker {
    pub(super) fn new(call: Rc<dyn Waiting>, since: f64) -> Rc<Self> {
        Rc::new(Self { call, since, outcome: RefCell::default() })
    }

    /// What came of another's request, once.
    pub(super) fn take_outcome(&self) -> Option<(f64, Outcome)> {
        self.outcome.take()
    }

    pub(super) fn visitor(&self) -> u64 {
        self.call.visitor()
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
    /// A failure is that of visitors alone, as they are many, and each may ask again. Gives the visitors that were answered.
    pub(super) fn answer(&self, asked: Asked<'_>, started_at: f64, outcome: &Outcome) -> Vec<u64> {
        let takes = |asker: &&Rc<Asker>| match outcome {
            Ok(_) => true,
            // Nobody need be told that all are to stay away.
            Err((failure, _)) => asker.visitor() > 0 && failure.code != Code::RateLimited,
        };
        let is_equal = |asker: &&Rc<Asker>| asker.since <= started_at && asker.call.asked() == asked;
        let equals: Vec<_> = self.0.borrow().iter().filter(takes).filter(is_equal).cloned().collect();
        let visitors = equals.iter().map(|asker| asker.visitor()).collect();
        for asker in equals {
            asker.outcome.replace(Some((started_at, outcome.clone())));
            asker.call.wake();
        }
        visitors
    }
}

//! What reaches a call from outside while it runs.

use std::cell::RefCell;
use std::rc::Rc;

use super::call::Call;
use super::control::Control;
use super::error::Error;
use super::progress::Update;

/// What reaches a call that runs: a poll, or one with the linked extractions that it leads to.
#[derive(Clone)]
pub(crate) struct Running {
    control: Rc<Control>,
    /// The first is the one that was asked for. They are nobody's any more once they have ended.
    calls: Rc<RefCell<Vec<Rc<Call>>>>,
}

impl Running {
    pub(crate) fn new(control: Rc<Control>, first: Rc<Call>) -> Self {
        Self { control, calls: Rc::new(RefCell::new(vec![first])) }
    }

    /// Of a call that has no poll yet.
    pub(crate) fn without_poll(control: Rc<Control>) -> Self {
        Self { control, calls: Rc::default() }
    }

    /// One more belongs to it.
    pub(crate) fn add(&self, call: Rc<Call>) {
        self.calls.borrow_mut().push(call);
    }

    /// Asks for the next poll at the next permitted moment.
    pub(crate) fn nudge(&self) {
        let calls = self.calls.borrow().clone();
        for call in calls {
            call.control().nudge();
        }
    }

    /// Ends it with `error`, unless it has ended.
    pub(crate) fn stop(&self, error: Error) {
        self.control.stop(error);
    }

    /// The error as that of the first.
    pub(crate) fn complete(&self, error: Error) -> Error {
        match self.calls.borrow().first() {
            Some(call) => call.complete(error),
            None => error,
        }
    }

    /// What is known of the first before its first reply.
    pub(crate) fn place_in_line(&self) -> Option<Update> {
        self.calls.borrow().first().map(|call| call.place_in_line())
    }

    /// The first as a text to go on from.
    pub(crate) fn snapshot(&self) -> String {
        self.calls.borrow().first().map(|call| call.snapshot()).unwrap_or_default()
    }
}

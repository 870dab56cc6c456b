//! Many batches at once, each reported as it settles. Their order on the lanes is not made here: each asks for its own turn.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::error::Error;
use super::options::CallArguments;
use super::progress::Listener;
use super::running::Running;
use super::session::Session;
use super::start::start;
use crate::core::poll::Saved;
use crate::web::task::{self, Handle};

/// A poll, and where it goes on from, if it does.
pub(crate) type StartArguments = (CallArguments, Option<Saved>);

/// How one of many batches ended.
pub(crate) struct Outcome<J> {
    pub(crate) job: J,
    pub(crate) index: u32,
    pub(crate) result: Result<JsValue, Error>,
}

/// Many polls on their way. Dropping it ends those that run.
pub(crate) struct Many<J>(Rc<State<J>>);

/// Where jobs are begun.
pub(crate) struct Intake<J>(Rc<State<J>>);

struct State<J> {
    /// `None` where the client was closed before.
    session: Option<Rc<Session>>,
    settled: RefCell<VecDeque<Outcome<J>>>,
    /// By the index of their jobs, which grows.
    running: RefCell<Vec<(u32, Handle, Running)>>,
    next_index: Cell<u32>,
    /// Whether more jobs may come.
    is_open: Cell<bool>,
    /// What the whole ends with, once what had settled is reported.
    failure: RefCell<Option<Error>>,
    readers: RefCell<Vec<Waker>>,
}

impl<J: 'static> Many<J> {
    pub(crate) fn new(session: Option<Rc<Session>>) -> (Self, Intake<J>) {
        let state = Rc::new(State {
            session,
            settled: RefCell::default(),
            running: RefCell::default(),
            next_index: Cell::default(),
            is_open: Cell::new(true),
            failure: RefCell::default(),
            readers: RefCell::default(),
        });
        (Self(state.clone()), Intake(state))
    }

    /// How the next batch to settle ended, the error that the whole ends with, or `None` at the end.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Result<Outcome<J>, Error>>> {
        let State { settled, running, is_open, failure, readers, .. } = &*self.0;
        if let Some(outcome) = settled.borrow_mut().pop_front() {
            return Poll::Ready(Some(Ok(outcome)));
        }
        if is_open.get() || !running.borrow().is_empty() {
            readers.borrow_mut().push(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(failure.borrow_mut().take().map(Err))
    }

    /// A snapshot of each poll that runs.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = String> {
        let running: Vec<_> = self.0.running.borrow().iter().map(|(_, _, running)| running.clone()).collect();
        running.into_iter().map(|running| running.snapshot())
    }

    /// Ends all that runs, and the whole with `error`.
    pub(crate) fn stop(&self, error: Option<Error>) {
        self.0.close(error);
        // Out of the list before they are dropped, as that may reach the list again.
        let running = self.0.running.take();
        drop(running);
        self.0.wake();
    }
}

impl<J> Drop for Many<J> {
    fn drop(&mut self) {
        self.0.is_open.set(false);
        let running = self.0.running.take();
        drop(running);
    }
}

impl<J: Clone + 'static> Intake<J> {
    /// The index of the next job.
    pub(crate) fn next_index(&self) -> u32 {
        self.0.next_index.get()
    }

    /// Begins the poll of a job, or reports why it cannot begin.
    pub(crate) fn begin(&self, job: J, arguments: Result<StartArguments, Error>, listener: Option<Listener>) {
        let state = &self.0;
        if !state.is_open.get() {
            return;
        }
        let index = state.next_index.replace(state.next_index.get() + 1);
        let open =
            state.session.as_ref().ok_or_else(Error::closed).and_then(|session| session.check().map(|()| session));
        let (session, (arguments, saved)) = match open.and_then(|session| Ok((session, arguments?))) {
            Ok(begun) => begun,
            Err(error) => return state.settle(Outcome { job, index, result: Err(error) }),
        };
        let (running, result) = start(session, arguments, saved, listener);
        let settling = state.clone();
        let poll = task::spawn(Box::pin(async move {
            let result = result.await;
            settling.settle(Outcome { job, index, result });
        }));
        if poll.is_running() {
            state.running.borrow_mut().push((index, poll, running));
        }
    }

    /// No more jobs come: their list is at its end, or failed.
    pub(crate) fn close(&self, error: Option<Error>) {
        self.0.close(error);
        self.0.wake();
    }
}

impl<J> State<J> {
    fn settle(&self, outcome: Outcome<J>) {
        let mut running = self.running.borrow_mut();
        let ended =
            running.binary_search_by_key(&outcome.index, |(index, ..)| *index).ok().map(|at| running.remove(at));
        drop(running);
        self.settled.borrow_mut().push_back(outcome);
        drop(ended);
        self.wake();
    }

    fn close(&self, error: Option<Error>) {
        self.is_open.set(false);
        if let Some(error) = error {
            self.failure.borrow_mut().get_or_insert(error);
        }
    }

    fn wake(&self) {
        let readers = self.readers.take();
        for reader in readers {
            reader.wake();
        }
    }
}

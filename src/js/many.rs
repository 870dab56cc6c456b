//! Many batches at once: an async iterable of how each ended.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Symbol};
use wasm_bindgen::prelude::*;

use super::arguments::job as job_arguments;
use super::error::into_js;
use super::iterate::step;
use super::options::{Of, call_options, signal};
use super::promise::promise_of;
use super::reader::{Reader, kind_of};
use super::results::update;
use crate::client::error::Error;
use crate::client::many::{Intake, Many, Outcome};
use crate::client::progress::Listener;
use crate::client::session::Session;
use crate::core::error::Failure;
use crate::web::abort::{Heeding, Signal};
use crate::web::promise::Settling;
use crate::web::task::{self, Handle};
use crate::web::value::{get, method, set};

/// Many polls, which begin with the iteration.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone)]
pub struct ManyPolls(Rc<RefCell<State>>);

enum State {
    /// Nobody iterates yet. The session is `None` where the client is closed.
    Idle {
        session: Option<Rc<Session>>,
        jobs: JsValue,
        options: JsValue,
    },
    Running(Rc<Polls>),
    Over,
}

struct Polls {
    many: Many<JsValue>,
    signal: Option<Signal>,
    _listening: Option<Heeding>,
    _reading: Handle,
}

impl ManyPolls {
    pub(super) fn new(session: Option<Rc<Session>>, jobs: JsValue, options: JsValue) -> Self {
        Self(Rc::new(RefCell::new(State::Idle { session, jobs, options })))
    }

    /// The polls, which begin now if they have not.
    fn polls(&self) -> Result<Option<Rc<Polls>>, Error> {
        let mut state = self.0.borrow_mut();
        match std::mem::replace(&mut *state, State::Over) {
            State::Over => Ok(None),
            State::Running(polls) => {
                *state = State::Running(polls.clone());
                Ok(Some(polls))
            }
            State::Idle { session, jobs, options } => {
                // Reading the options may call functions of the caller's.
                drop(state);
                let polls = begin(session, &jobs, &options)?;
                self.0.replace(State::Running(polls.clone()));
                Ok(Some(polls))
            }
        }
    }

    async fn step(self) -> Result<JsValue, JsValue> {
        let Some(polls) = self.polls().map_err(into_js)? else { return Ok(step(true, &JsValue::UNDEFINED)) };
        match std::future::poll_fn(|context| polls.many.poll_next(context)).await {
            Some(Ok(outcome)) => Ok(step(false, &settled_job(outcome))),
            end => {
                self.0.replace(State::Over);
                end.map_or_else(
                    || Ok(step(true, &JsValue::UNDEFINED)),
                    |end| Err(end.err().map(into_js).unwrap_or_default()),
                )
            }
        }
    }

    /// Nobody wants the rest.
    fn end(&self) {
        // Out of its place before it is dropped, as that may reach it again.
        let state = self.0.replace(State::Over);
        if let State::Running(polls) = &state {
            polls.many.stop(None);
        }
        drop(state);
    }
}

#[wasm_bindgen]
impl ManyPolls {
    /// How the next of them ended.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        promise_of(Box::pin(self.clone().step()))
    }

    /// What is open, each as a text to go on from.
    #[wasm_bindgen(skip_typescript)]
    pub fn snapshots(&self) -> Array {
        match &*self.0.borrow() {
            State::Running(polls) => polls.many.snapshots().map(JsValue::from).collect(),
            State::Idle { .. } | State::Over => Array::new(),
        }
    }

    /// The loop was left.
    #[wasm_bindgen(js_name = return, skip_typescript)]
    pub fn leave(&self, value: JsValue) -> Promise {
        self.end();
        Promise::resolve(&step(true, &value))
    }

    /// The loop is to end with an error.
    #[wasm_bindgen(js_name = throw, skip_typescript)]
    pub fn fail(&self, error: JsValue) -> Promise {
        self.end();
        Promise::reject(&error)
    }

    /// Itself.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]", skip_typescript)]
    pub fn iterate(&self) -> Self {
        self.clone()
    }
}

fn begin(session: Option<Rc<Session>>, jobs: &JsValue, options: &JsValue) -> Result<Rc<Polls>, Error> {
    call_options(options, Of::Poll)?;
    let (signal, source) = (signal(options)?, Source::of(jobs)?);
    let on_progress = Reader::new(options, "options")?.function("onProgress")?;
    let (many, intake) = Many::new(session.clone());
    let options = options.clone();
    let reading = task::spawn(Box::pin(async move {
        let end = read_all(&source, &intake, |intake, job| {
            let listener = on_progress.clone().map(|function| listener(function, job.clone(), intake.next_index()));
            let open = session.as_ref().ok_or_else(Error::closed);
            let arguments = open.and_then(|session| job_arguments(session, &job, &options));
            intake.begin(job, arguments, listener);
        })
        .await;
        intake.close(end.err().map(Error::thrown));
    }));
    let polls = Rc::new_cyclic(|polls: &std::rc::Weak<Polls>| {
        let polls = polls.clone();
        let listening = signal.as_ref().map(|signal| {
            let aborted = signal.clone();
            signal.listen(move || stop(&polls, &aborted))
        });
        Polls { many, signal, _listening: listening, _reading: reading }
    });
    if let Some(signal) = polls.signal.as_ref().filter(|signal| signal.is_aborted()) {
        stop(&Rc::downgrade(&polls), signal);
    }
    Ok(polls)
}

fn stop(polls: &std::rc::Weak<Polls>, signal: &Signal) {
    if let Some(polls) = polls.upgrade() {
        polls.many.stop(Some(Error::thrown(signal.why())));
    }
}

async fn read_all(
    source: &Source,
    intake: &Intake<JsValue>,
    begin: impl Fn(&Intake<JsValue>, JsValue),
) -> Result<(), JsValue> {
    while let Some(job) = source.next().await? {
        begin(intake, job);
    }
    Ok(())
}

fn listener(function: Function, job: JsValue, index: u32) -> Listener {
    Rc::new(move |progress, control| {
        let returned = function.call3(&JsValue::UNDEFINED, &update(&progress), &job, &index.into());
        control.heed(&returned.map_err(Error::thrown)?);
        Ok(())
    })
}

fn settled_job(outcome: Outcome<JsValue>) -> JsValue {
    let settled = Object::new();
    set(&settled, "job", &outcome.job);
    set(&settled, "index", &outcome.index.into());
    match outcome.result {
        Ok(results) => set(&settled, "results", &results),
        Err(error) => set(&settled, "error", &into_js(error)),
    };
    settled.into()
}

/// Where jobs come from: an iterable or an async iterable of the caller's.
struct Source {
    iterator: JsValue,
    next: Function,
    is_async: bool,
}

impl Source {
    fn of(jobs: &JsValue) -> Result<Self, Error> {
        let unfit = || Failure::invalid("jobs", "an iterable or async iterable of batches", &kind_of(jobs));
        let iterate = |symbol: Symbol| {
            let function = js_sys::Reflect::get(&Object::from(jobs.clone()), &symbol).ok()?;
            function.dyn_into::<Function>().ok()
        };
        // Of a text the jobs would be letters.
        if !jobs.is_object() && !jobs.is_function() {
            return Err(unfit().into());
        }
        let (function, is_async) = match iterate(Symbol::async_iterator()) {
            Some(function) => (function, true),
            None => (iterate(Symbol::iterator()).ok_or_else(unfit)?, false),
        };
        let iterator = function.call0(jobs).map_err(Error::thrown)?;
        let next = method(&iterator, "next").ok_or_else(unfit)?;
        Ok(Self { iterator, next, is_async })
    }

    async fn next(&self) -> Result<Option<JsValue>, JsValue> {
        let given = self.next.call0(&self.iterator)?;
        let step = if self.is_async { Settling::of(&given)?.await? } else { given };
        if get(&step, "done").is_truthy() {
            return Ok(None);
        }
        let value = get(&step, "value");
        // What a list gives may be a promise of a job.
        if self.is_async { Ok(Some(value)) } else { Ok(Some(Settling::of(&value)?.await?)) }
    }
}

impl Drop for Source {
    /// The rest is wanted by nobody. One that is at its end takes no harm.
    fn drop(&mut self) {
        if let Some(leave) = method(&self.iterator, "return")
            && let Ok(left) = leave.call0(&self.iterator)
        {
            // What it rejects with is nobody's.
            let _ = Promise::all_settled(&js_sys::Array::of1(&left));
        }
    }
}

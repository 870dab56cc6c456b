//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::arguments::{CallOptions, DEFAULT_TIMEOUT_MS, Hints, job, poll_options, request_options};
use super::clock;
use super::config::Config;
use super::error::{Stop, closed};
use super::json::Parsed;
use super::member::get;
use super::options::Options;
use super::pending;
use super::poll::Run;
use super::report::report;
use super::session::Session;
use super::watch::{RunningPoll, Watch, follow, poll_many, watching};
use crate::error::{Code, Failure};
use crate::job::{Endpoint, Job};
use crate::poll::{Plan, Saved};
use crate::snapshot::Snapshot;

/// Client for the two results endpoints. Its calls outlive it: a client that is garbage while they run does not end them.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone)]
pub struct ExtractaClient {
    /// `None` once closed.
    session: Rc<RefCell<Option<Rc<Session>>>>,
}

#[wasm_bindgen]
impl ExtractaClient {
    /// Checks the options; does no I/O, starts no timer and draws no randomness.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: JsValue) -> Result<ExtractaClient, JsValue> {
        let config = Config::new(options).map_err(Stop::into_js)?;
        Ok(Self { session: Rc::new(RefCell::new(Some(Session::new(config)))) })
    }

    /// Asks for an extraction batch once.
    #[wasm_bindgen(js_name = getBatchResults, skip_typescript)]
    pub fn get_batch_results(&self, batch: JsValue, options: JsValue) -> Promise {
        promise(self.ask_once(batch, Endpoint::Extraction, options))
    }

    /// Asks for a classification batch once.
    #[wasm_bindgen(js_name = getClassificationResults, skip_typescript)]
    pub fn get_classification_results(&self, batch: JsValue, options: JsValue) -> Promise {
        promise(self.ask_once(batch, Endpoint::Classification, options))
    }

    /// Polls until every file of the batch is finished.
    #[wasm_bindgen(js_name = pollUntilDone, skip_typescript)]
    pub fn poll_until_done(&self, batch: JsValue, options: JsValue) -> Promise {
        promise(self.poll(From::Batch, batch, options, None).map(|(_, result)| result))
    }

    /// Polls, watched.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        self.watched(From::Batch, batch, options)
    }

    /// Goes on with a poll from a snapshot.
    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self, snapshot: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        self.watched(From::Snapshot, snapshot, options)
    }

    /// Polls many batches, each told as it settles.
    #[wasm_bindgen(js_name = pollMany, skip_typescript)]
    pub fn poll_many(&self, jobs: JsValue, options: JsValue) -> JsValue {
        poll_many(self.clone().into(), &jobs, &options)
    }

    /// What the lanes used by this client are doing, and why.
    #[wasm_bindgen(skip_typescript)]
    pub fn lanes(&self) -> Array {
        let reports = Array::new();
        if let Ok(session) = self.session() {
            for endpoint in [Endpoint::Extraction, Endpoint::Classification] {
                if let Some(lane) = session.known_lane(endpoint) {
                    reports.push(&report(endpoint, &lane, clock::now()));
                }
            }
        }
        reports
    }

    /// Rejects everything pending with `CLOSED`.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        let session = self.session.take();
        if let Some(session) = session {
            session.close();
        }
    }
}

impl ExtractaClient {
    fn ask_once(&self, batch: JsValue, endpoint: Endpoint, options: JsValue) -> Result<Promise, Stop> {
        let session = self.session()?;
        let job = job(batch, Some(endpoint))?;
        let options = request_options(&Options::new(options, "options")?, &session.config)?;
        Ok(start(session, job, options, None).1)
    }

    /// Starts a poll of what `subject` names, a batch or a snapshot; `tell` takes its progress instead of the caller's own
    /// function.
    fn poll(
        &self,
        from: From,
        subject: JsValue,
        options: JsValue,
        tell: Option<Function>,
    ) -> Result<(Handle, Promise), Stop> {
        let session = self.session()?;
        let read = Options::new(options.clone(), "options")?;
        let (job, call_options, saved) = match from {
            From::Batch => {
                let job = job(subject.clone(), None)?;
                let given = poll_options(&read, &session.config, &CallOptions::usual())?;
                // A job among many brings hints of its own.
                let hints = Hints::read(&Options::new(subject.clone(), "batch")?, given.hints)?;
                (job, CallOptions { hints, ..given }, None)
            }
            From::Snapshot => resumed(&subject, &read, &session.config)?,
        };
        let tell = tell.or(call_options.tell);
        if call_options.follows && job.endpoint == Endpoint::Classification {
            let (method, timeout_ms) = (from.method(), call_options.plan.timeout_ms);
            let poll = follow(self.clone().into(), method, &subject, &options, timeout_ms, tell.as_ref());
            let poll = poll.map_err(Stop::Thrown)?;
            let result = get(&poll, "result").unchecked_into();
            return Ok((Handle::Followed(poll), result));
        }
        let (run, result) = start(session, job, CallOptions { tell, ..call_options }, saved);
        Ok((Handle::Single(run), result))
    }

    /// A poll of what `subject` names, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    fn watched(&self, from: From, subject: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        let on_progress = Options::new(options.clone(), "options").and_then(|options| options.function("onProgress"));
        let watching = watching(on_progress.map_err(Stop::into_js)?.as_ref());
        let tell = get(&watching, "tell").unchecked_into();
        let (poll, result) = self.poll(from, subject, options, Some(tell)).map_err(Stop::into_js)?;
        let poll = match poll {
            Handle::Single(run) => RunningPoll::new(run).into(),
            Handle::Followed(poll) => poll,
        };
        let watch = get(&watching, "begin").unchecked_into::<Function>().call2(&watching, &poll, &result)?;
        Ok(watch.unchecked_into())
    }

    fn session(&self) -> Result<Rc<Session>, Stop> {
        self.session.borrow().clone().ok_or_else(closed)
    }
}

/// What reaches a poll that runs. No JavaScript object where nobody asked for one: it would be there until it is collected.
enum Handle {
    Single(Rc<Run>),
    /// One with linked extractions.
    Followed(JsValue),
}

/// What a poll starts from.
#[derive(Clone, Copy)]
enum From {
    Batch,
    Snapshot,
}

impl From {
    /// The client's method that starts from it.
    const fn method(self) -> &'static str {
        match self {
            Self::Batch => "watch",
            Self::Snapshot => "resume",
        }
    }
}

/// What a snapshot says, changed by what the options say.
fn resumed(text: &JsValue, options: &Options, config: &Config) -> Result<(Job, CallOptions, Option<Saved>), Stop> {
    let parsed = text.as_string().and_then(|text| JSON::parse(&text).ok()).map(Parsed);
    let snapshot = parsed.and_then(|parsed| Snapshot::read(&parsed));
    let Some(Snapshot { job, unknown, expected_files, priority, mut saved }) = snapshot else {
        return Err(Failure::new(Code::InvalidSnapshot).into());
    };
    let hints = Hints { expected_files: expected_files as f32, priority: priority as f32 };
    // No number, so that it shows whether the caller gave one.
    let plan = Plan { timeout_ms: f64::NAN, ..saved.plan };
    let given = poll_options(options, config, &CallOptions { plan, unknown, hints, ..CallOptions::usual() })?;
    let timeout_ms = Some(given.plan.timeout_ms).filter(|ms| !ms.is_nan());
    saved.allow(timeout_ms, DEFAULT_TIMEOUT_MS, clock::wall_now());
    saved.plan = Plan { timeout_ms: saved.plan.timeout_ms, ..given.plan };
    Ok((job, CallOptions { plan: saved.plan, ..given }, Some(saved)))
}

/// Starts what was asked for, or goes on with it.
fn start(session: Rc<Session>, job: Job, options: CallOptions, saved: Option<Saved>) -> (Rc<Run>, Promise) {
    let run = Run::new(session, job, options, saved);
    let running = run.clone();
    let result = pending::begin();
    let promise = result.clone();
    // Not `future_to_promise`, in which each future takes up its room twice: there may be ten thousand.
    spawn_local(async move {
        let result = running.drive().await;
        // Ended before the promise settles, so that no listener is left by then.
        running.end();
        match result {
            Ok(reply) => pending::resolve(&promise, &reply),
            Err(stop) => pending::reject(&promise, &stop.into_js()),
        }
    });
    (run, result)
}

/// The promise of a call, rejected where it could not start.
fn promise(started: Result<Promise, Stop>) -> Promise {
    started.unwrap_or_else(|stop| Promise::reject(&stop.into_js()))
}

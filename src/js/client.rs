//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::{CallOptions, DEFAULT_TIMEOUT_MS};
use super::clock;
use super::config::Config;
use super::error::{Stop, closed};
use super::json::Parsed;
use super::member::{get, object};
use super::report::report;
use super::run::Run;
use super::session::Session;
use super::watch::{RunningPoll, Watch, follow, poll_many, watching};
use crate::error::{Code, Failure};
use crate::job::Endpoint;
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
        let config = Config::new(&options).map_err(Stop::into_js)?;
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
        promise(self.poll(From::Batch, &batch, &options))
    }

    /// Polls, watched.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        self.watched(From::Batch, &batch, &options).map_err(Stop::into_js)
    }

    /// Goes on with a poll from a snapshot.
    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self, snapshot: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        self.watched(From::Snapshot, &snapshot, &options).map_err(Stop::into_js)
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
        let options = CallOptions::of_question(&session.config, &batch, &options, endpoint)?;
        Ok(Run::begin(session, options, None).1)
    }

    /// Starts a poll of what `subject` names.
    fn poll(&self, from: From, subject: &JsValue, options: &JsValue) -> Result<Promise, Stop> {
        let poll = self.asked(from, subject, options)?;
        Ok(self.begin(poll, from, subject, options)?.1)
    }

    /// The same, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    fn watched(&self, from: From, subject: &JsValue, options: &JsValue) -> Result<Watch, Stop> {
        let asked = self.asked(from, subject, options)?;
        // What passes progress on to the caller's own function.
        let watching = watching(asked.options.tell.as_ref());
        let tell = Some(get(&watching, "tell").unchecked_into());
        let asked = Asked { options: CallOptions { tell, ..asked.options }, ..asked };
        let (poll, result) = self.begin(asked, from, subject, options)?;
        let poll = match poll {
            Handle::Single(run) => RunningPoll::new(run).into(),
            Handle::Followed(poll) => poll,
        };
        let begin = get(&watching, "begin").unchecked_into::<Function>();
        Ok(begin.call2(&watching, &poll, &result).map_err(Stop::Thrown)?.unchecked_into())
    }

    /// Checks what a poll is asked to do.
    fn asked(&self, from: From, subject: &JsValue, options: &JsValue) -> Result<Asked, Stop> {
        let session = self.session()?;
        let (options, saved) = match from {
            From::Batch => (CallOptions::of_poll(&session.config, subject, options)?, None),
            From::Snapshot => resumed(subject, options, &session.config)?,
        };
        Ok(Asked { session, options, saved })
    }

    fn begin(
        &self,
        Asked { session, options: asked, saved }: Asked,
        from: From,
        subject: &JsValue,
        options: &JsValue,
    ) -> Result<(Handle, Promise), Stop> {
        if asked.follows && asked.endpoint == Endpoint::Classification {
            let (method, timeout_ms) = (from.method(), asked.plan.timeout_ms);
            let poll = follow(self.clone().into(), method, subject, options, timeout_ms, asked.tell.as_ref());
            let poll = poll.map_err(Stop::Thrown)?;
            let result = get(&poll, "result").unchecked_into();
            return Ok((Handle::Followed(poll), result));
        }
        let (run, result) = Run::begin(session, asked, saved);
        Ok((Handle::Single(run), result))
    }

    fn session(&self) -> Result<Rc<Session>, Stop> {
        self.session.borrow().clone().ok_or_else(closed)
    }
}

/// A poll, asked for and checked.
struct Asked {
    session: Rc<Session>,
    options: CallOptions,
    saved: Option<Saved>,
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
fn resumed(text: &JsValue, options: &JsValue, config: &Config) -> Result<(CallOptions, Option<Saved>), Stop> {
    let parsed = text.as_string().and_then(|text| JSON::parse(&text).ok()).map(Parsed);
    let snapshot = parsed.and_then(|parsed| Snapshot::read(&parsed));
    let Some(Snapshot { job, unknown, expected_files, priority, mut saved }) = snapshot else {
        return Err(Failure::new(Code::InvalidSnapshot).into());
    };
    let given = CallOptions::of_resumption(config, options, &saved.plan, unknown, (expected_files, priority))?;
    let timeout_ms = Some(given.plan.timeout_ms).filter(|ms| !ms.is_nan());
    saved.allow(timeout_ms, DEFAULT_TIMEOUT_MS, clock::wall_now());
    saved.plan = Plan { timeout_ms: saved.plan.timeout_ms, ..given.plan };
    let (ids, endpoint) = (object(&job.ids()).unchecked_into(), job.endpoint);
    Ok((CallOptions { ids, endpoint, plan: saved.plan, ..given }, Some(saved)))
}

/// The promise of a call, rejected where it could not start.
fn promise(started: Result<Promise, Stop>) -> Promise {
    started.unwrap_or_else(|stop| Promise::reject(&stop.into_js()))
}

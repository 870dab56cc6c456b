//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::arguments::{CallOptions, job, poll_options, request_options};
use super::config::Config;
use super::error::{Stop, closed};
use super::member::get;
use super::options::Options;
use super::poll::Run;
use super::session::Session;
use super::watch::{RunningPoll, Watch, follow, poll_many, watching};
use crate::job::{Endpoint, Job};

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
        promise(self.poll(batch, options, None).map(|poll| get(&poll, "result").unchecked_into()))
    }

    /// Polls, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        let on_progress = Options::new(options.clone(), "options").and_then(|options| options.function("onProgress"));
        let watching = watching(on_progress.map_err(Stop::into_js)?.as_ref());
        let tell = get(&watching, "tell").unchecked_into();
        let poll = self.poll(batch, options, Some(tell)).map_err(Stop::into_js)?;
        let watch = get(&watching, "begin").unchecked_into::<Function>().call1(&watching, &poll)?;
        Ok(watch.unchecked_into())
    }

    /// Polls many batches, each told as it settles.
    #[wasm_bindgen(js_name = pollMany, skip_typescript)]
    pub fn poll_many(&self, jobs: JsValue, options: JsValue) -> JsValue {
        poll_many(self.clone().into(), &jobs, &options)
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
        Ok(start(session, job, options).1)
    }

    /// Starts a poll; `tell` takes its progress instead of the caller's own function.
    fn poll(&self, batch: JsValue, options: JsValue, tell: Option<Function>) -> Result<JsValue, Stop> {
        let session = self.session()?;
        let job = job(batch.clone(), None)?;
        let call_options = poll_options(batch.clone(), &Options::new(options.clone(), "options")?, &session.config)?;
        let tell = tell.or(call_options.tell);
        if call_options.follows && job.endpoint == Endpoint::Classification {
            let timeout_ms = call_options.plan.timeout_ms;
            return follow(self.clone().into(), "watch", &batch, &options, timeout_ms, tell.as_ref()).map_err(Stop::Thrown);
        }
        let (run, result) = start(session, job, CallOptions { tell, ..call_options });
        Ok(RunningPoll::new(run, result).into())
    }

    fn session(&self) -> Result<Rc<Session>, Stop> {
        self.session.borrow().clone().ok_or_else(closed)
    }
}

/// Starts what was asked for.
fn start(session: Rc<Session>, job: Job, options: CallOptions) -> (Rc<Run>, Promise) {
    let (run, effect) = Run::new(session, job, options);
    let running = run.clone();
    let result = future_to_promise(async move {
        let result = running.drive(effect).await;
        // Ended before the promise settles, so that no listener is left by then.
        running.session.end(&running.call);
        result.map_err(Stop::into_js)
    });
    (run, result)
}

/// The promise of a call, rejected where it could not start.
fn promise(started: Result<Promise, Stop>) -> Promise {
    started.unwrap_or_else(|stop| Promise::reject(&stop.into_js()))
}

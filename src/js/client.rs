//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::arguments::{job, poll_options, request_options};
use super::call::Call;
use super::config::Config;
use super::error::{Stop, closed};
use super::options::Options;
use super::poll;
use super::session::Session;
use super::watch::{Audience, Feed, Watch};
use crate::job::{Endpoint, Job};
use crate::poll::Plan;
use crate::reply::OnUnknownStatus;

/// Client for the two results endpoints. Its calls outlive it: a client that is garbage while they run does not end them.
#[wasm_bindgen(skip_typescript)]
pub struct ExtractaClient {
    /// `None` once closed.
    session: RefCell<Option<Rc<Session>>>,
}

#[wasm_bindgen]
impl ExtractaClient {
    /// Checks the options; does no I/O, starts no timer and draws no randomness.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: JsValue) -> Result<ExtractaClient, JsValue> {
        let config = Config::new(options).map_err(Stop::into_js)?;
        Ok(Self { session: RefCell::new(Some(Session::new(config))) })
    }

    /// Asks for an extraction batch once.
    #[wasm_bindgen(js_name = getBatchResults, skip_typescript)]
    pub fn get_batch_results(&self, batch: JsValue, options: JsValue) -> Promise {
        self.get_once(Endpoint::Extraction, batch, options)
    }

    /// Asks for a classification batch once.
    #[wasm_bindgen(js_name = getClassificationResults, skip_typescript)]
    pub fn get_classification_results(&self, batch: JsValue, options: JsValue) -> Promise {
        self.get_once(Endpoint::Classification, batch, options)
    }

    /// Polls until every file of the batch is finished.
    #[wasm_bindgen(js_name = pollUntilDone, skip_typescript)]
    pub fn poll_until_done(&self, batch: JsValue, options: JsValue) -> Promise {
        match self.poll(batch, options, None) {
            Ok((_, result)) => result,
            Err(stop) => Promise::reject(&stop.into_js()),
        }
    }

    /// Polls, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        let feed = Rc::<Feed>::default();
        let (call, result) = self.poll(batch, options, Some(feed.clone())).map_err(Stop::into_js)?;
        Ok(Watch::new(call, feed, result))
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
    fn session(&self) -> Result<Rc<Session>, Stop> {
        self.session.borrow().clone().ok_or_else(closed)
    }

    fn get_once(&self, endpoint: Endpoint, batch: JsValue, options: JsValue) -> Promise {
        let prepared = || {
            let session = self.session()?;
            let job = job(batch, Some(endpoint))?;
            let options = request_options(&Options::new(options, "options")?, &session.config)?;
            Ok(Work {
                call: session.call(options.signal),
                session,
                job,
                plan: options.plan,
                unknown: OnUnknownStatus::Wait,
            })
        };
        match prepared() {
            Ok(work) => work.start(None, None),
            Err(stop) => Promise::reject(&Stop::into_js(stop)),
        }
    }

    fn poll(&self, batch: JsValue, options: JsValue, feed: Option<Rc<Feed>>) -> Result<(Rc<Call>, Promise), Stop> {
        let session = self.session()?;
        let job = job(batch, None)?;
        let options = poll_options(&Options::new(options, "options")?, &session.config)?;
        let call = session.call(options.request.signal);
        let work =
            Work { call: call.clone(), session, job, plan: options.request.plan, unknown: options.on_unknown_status };
        Ok((call, work.start(options.on_progress, feed)))
    }
}

/// A call about to be made.
struct Work {
    session: Rc<Session>,
    call: Rc<Call>,
    job: Job,
    plan: Plan,
    unknown: OnUnknownStatus,
}

impl Work {
    /// Runs the call to its end as a promise. The call is ended before the promise settles, so no listener is left by then.
    fn start(self, on_progress: Option<Function>, feed: Option<Rc<Feed>>) -> Promise {
        future_to_promise(async move {
            let audience = Audience { on_progress, feed };
            let result = poll::run(&self.session, &self.call, &self.job, self.plan, self.unknown, &audience).await;
            let result = result.map_err(Stop::into_js);
            self.call.end();
            if let Some(feed) = audience.feed {
                feed.close(result.as_ref().map(|_| ()).map_err(JsValue::clone));
            }
            result
        })
    }
}

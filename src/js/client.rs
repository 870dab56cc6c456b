//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::arguments::{CallOptions, job, poll_options, request_options};
use super::call::Call;
use super::config::Config;
use super::error::{Stop, closed};
use super::options::Options;
use super::poll;
use super::session::Session;
use super::watch::{Audience, Feed, Watch};
use crate::job::Endpoint;

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
        promise(self.start(batch, Some(Endpoint::Extraction), options, request_options, None))
    }

    /// Asks for a classification batch once.
    #[wasm_bindgen(js_name = getClassificationResults, skip_typescript)]
    pub fn get_classification_results(&self, batch: JsValue, options: JsValue) -> Promise {
        promise(self.start(batch, Some(Endpoint::Classification), options, request_options, None))
    }

    /// Polls until every file of the batch is finished.
    #[wasm_bindgen(js_name = pollUntilDone, skip_typescript)]
    pub fn poll_until_done(&self, batch: JsValue, options: JsValue) -> Promise {
        promise(self.start(batch, None, options, poll_options, None))
    }

    /// Polls, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<Watch, JsValue> {
        let feed = Rc::<Feed>::default();
        let started = self.start(batch, None, options, poll_options, Some(feed.clone()));
        let (call, result) = started.map_err(Stop::into_js)?;
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
    /// Checks what the caller passed and starts the call. `endpoint` is given where the method is for one kind of batch.
    fn start(
        &self,
        batch: JsValue,
        endpoint: Option<Endpoint>,
        options: JsValue,
        read_options: fn(&Options, &Config) -> Result<CallOptions, Stop>,
        feed: Option<Rc<Feed>>,
    ) -> Result<(Rc<Call>, Promise), Stop> {
        let session = self.session.borrow().clone().ok_or_else(closed)?;
        let job = job(batch, endpoint)?;
        let options = read_options(&Options::new(options, "options")?, &session.config)?;
        let call = session.call(options.signal);
        let running = call.clone();
        let audience = Audience { on_progress: options.on_progress, feed };
        let result = future_to_promise(async move {
            let result = poll::run(&session, &running, &job, options.plan, options.on_unknown_status, &audience).await;
            let result = result.map_err(Stop::into_js);
            // Ended before the promise settles, so that no listener is left by then.
            running.end();
            if let Some(feed) = audience.feed {
                feed.close(result.as_ref().map(|_| ()).map_err(JsValue::clone));
            }
            result
        });
        Ok((call, result))
    }
}

/// The promise of a call, rejected where it could not start.
fn promise(started: Result<(Rc<Call>, Promise), Stop>) -> Promise {
    started.map_or_else(|stop| Promise::reject(&stop.into_js()), |(_, result)| result)
}

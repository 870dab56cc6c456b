//! The client as JavaScript sees it. Declared for people in `types.d.ts`.

use std::cell::RefCell;
use std::future::Future;
use std::rc::{Rc, Weak};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::call::Call;
use super::clock;
use super::config::Config;
use super::error::{Stop, closed};
use super::exchange::{Exchanged, Wish, exchange};
use super::lanes::{SharedLane, lane};
use super::options::{Options, RequestOptions, job, poll_options, request_options};
use super::poll;
use super::request::Failed;
use super::watch::{Feed, Watch, observer};
use crate::job::Endpoint;
use crate::lane::Lane;
use crate::reply::OnUnknownStatus;

/// What a client's calls share. They hold it on their own, so the client may go while they run.
pub(crate) struct Session {
    pub(crate) config: Config,
    calls: RefCell<Vec<Weak<Call>>>,
    /// The lane last used for each endpoint.
    lanes: RefCell<[Option<SharedLane>; 2]>,
}

impl Session {
    /// The lane of an endpoint for `token`.
    pub(crate) fn lane(&self, endpoint: Endpoint, token: Option<&str>) -> SharedLane {
        let mut url = self.config.base_url.clone();
        url.push('/');
        url.push_str(endpoint.path());
        let mut lanes = self.lanes.borrow_mut();
        let known = slot(&mut lanes, endpoint);
        let lane = lane(&url, token, known.as_ref());
        lane.with(|lane| lane.spacing.require_floor(self.config.floor_ms));
        *known = Some(lane.clone());
        lane
    }

    /// Looks at the lane last used for an endpoint, if any.
    pub(crate) fn with_known_lane(&self, endpoint: Endpoint, look: impl FnOnce(&mut Lane)) {
        let lane = slot(&mut self.lanes.borrow_mut(), endpoint).clone();
        if let Some(lane) = lane {
            lane.with(look);
        }
    }

    /// A new call, known until it settles.
    fn call(&self, signal: Option<AbortSignal>) -> Rc<Call> {
        let call = Call::new(signal);
        let mut calls = self.calls.borrow_mut();
        calls.retain(|call| call.strong_count() > 0);
        calls.push(Rc::downgrade(&call));
        call
    }

    fn close(&self) {
        for call in self.calls.take() {
            if let Some(call) = call.upgrade() {
                call.stop(closed());
            }
        }
    }
}

fn slot(lanes: &mut [Option<SharedLane>; 2], endpoint: Endpoint) -> &mut Option<SharedLane> {
    let [extraction, classification] = lanes;
    match endpoint {
        Endpoint::Extraction => extraction,
        Endpoint::Classification => classification,
    }
}

/// Client for the two results endpoints.
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
        let session = Session { config, calls: RefCell::default(), lanes: RefCell::default() };
        Ok(Self { session: RefCell::new(Some(Rc::new(session))) })
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

/// Disposing of the client closes it.
impl Drop for ExtractaClient {
    fn drop(&mut self) {
        self.close();
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
            let options = Options::new(options, "options")?;
            let RequestOptions { signal, request_timeout_ms } =
                request_options(&options, session.config.request_timeout_ms)?;
            Ok((session.call(signal), session, job, request_timeout_ms))
        };
        let (call, session, job, request_timeout_ms) = match prepared() {
            Ok(prepared) => prepared,
            Err(stop) => return Promise::reject(&Stop::into_js(stop)),
        };
        settle(call.clone(), None, async move {
            let now = clock::now();
            let wish = Wish { due_at: now, waiting_since: now, urgent_from: f64::INFINITY, give_up_at: f64::INFINITY };
            let mut attempts = 0;
            let sent = |_| {
                attempts += 1;
                (attempts, request_timeout_ms)
            };
            match exchange(&session, &call, &job, OnUnknownStatus::Wait, wish, sent).await? {
                Exchanged::Reply(reply, _) => Ok(reply),
                Exchanged::Failed(Failed { mut failure, cause }) => {
                    failure.attempts = Some(attempts);
                    failure.elapsed_ms = Some((clock::now() - now).ceil());
                    Err(Stop::Failed(failure, cause))
                }
                // Neither happens to a call without deadline that nobody can nudge.
                Exchanged::Lapsed | Exchanged::Nudged => Err(closed()),
            }
        })
    }

    fn poll(&self, batch: JsValue, options: JsValue, feed: Option<Rc<Feed>>) -> Result<(Rc<Call>, Promise), Stop> {
        let session = self.session()?;
        let job = job(batch, None)?;
        let options = Options::new(options, "options")?;
        let config = &session.config;
        let options = poll_options(&options, config.request_timeout_ms, config.floor_ms)?;
        let call = session.call(options.signal);
        let observe = observer(options.on_progress, feed.clone());
        let result = {
            let call = call.clone();
            settle(call.clone(), feed, async move {
                poll::run(&session, &call, &job, options.plan, options.on_unknown_status, observe).await
            })
        };
        Ok((call, result))
    }
}

/// Runs a call to its end as a promise. The call is ended before its promise settles, so that no listener is left by then.
fn settle(
    call: Rc<Call>,
    feed: Option<Rc<Feed>>,
    work: impl Future<Output = Result<JsValue, Stop>> + 'static,
) -> Promise {
    future_to_promise(async move {
        let result = work.await.map_err(Stop::into_js);
        call.end();
        if let Some(feed) = feed {
            feed.close(result.as_ref().map(|_| ()).map_err(JsValue::clone));
        }
        result
    })
}

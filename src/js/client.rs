//! The client.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::{poll, resumed, single_request};
use super::error::into_js;
use super::many::ManyPolls;
use super::options::{client_options, listener, signal};
use super::promise::{promise, rejected};
use super::results::lane_report;
use super::upload::{upload, upload_and_poll};
use super::watch::watch;
use crate::client::config::Config;
use crate::client::error::Error;
use crate::client::report::lane_reports;
use crate::client::session::Session;
use crate::client::start::start;
use crate::core::batch::Endpoint;

/// Client for the two results endpoints. Its calls outlive it: a client that is garbage while they run does not end them.
#[wasm_bindgen(skip_typescript)]
pub struct ExtractaClient {
    /// `None` once closed: what the wasm holds, no garbage collector looks through, and functions of the caller's may lead here.
    session: RefCell<Option<Rc<Session>>>,
}

#[wasm_bindgen]
impl ExtractaClient {
    /// Checks the options; does no I/O, starts no timer and draws no randomness.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: JsValue) -> Result<ExtractaClient, JsValue> {
        let config = client_options(&options).and_then(Config::new).map_err(into_js)?;
        Ok(Self { session: RefCell::new(Some(Session::new(config))) })
    }

    /// Asks for an extraction batch once.
    #[wasm_bindgen(js_name = getBatchResults, skip_typescript)]
    pub fn get_batch_results(&self, batch: JsValue, options: JsValue) -> Promise {
        self.ask_once(&batch, Endpoint::Extraction, &options).unwrap_or_else(rejected)
    }

    /// Asks for a classification batch once.
    #[wasm_bindgen(js_name = getClassificationResults, skip_typescript)]
    pub fn get_classification_results(&self, batch: JsValue, options: JsValue) -> Promise {
        self.ask_once(&batch, Endpoint::Classification, &options).unwrap_or_else(rejected)
    }

    /// Polls until every file of the batch is finished.
    #[wasm_bindgen(js_name = pollUntilDone, skip_typescript)]
    pub fn poll_until_done(&self, batch: JsValue, options: JsValue) -> Promise {
        self.poll(&batch, &options).unwrap_or_else(rejected)
    }

    /// Uploads files, in one request.
    #[wasm_bindgen(js_name = uploadFiles, skip_typescript)]
    pub fn upload_files(&self, target: JsValue, files: JsValue, options: JsValue) -> Promise {
        self.session().and_then(|session| upload(&session, &target, &files, &options)).unwrap_or_else(rejected)
    }

    /// Uploads files to an extraction and polls until they are finished.
    #[wasm_bindgen(skip_typescript)]
    pub fn extract(&self, target: JsValue, files: JsValue, options: JsValue) -> Promise {
        self.upload_and_poll(&target, Endpoint::Extraction, &files, &options)
    }

    /// Uploads files to a classification and polls until they are finished.
    #[wasm_bindgen(skip_typescript)]
    pub fn classify(&self, target: JsValue, files: JsValue, options: JsValue) -> Promise {
        self.upload_and_poll(&target, Endpoint::Classification, &files, &options)
    }

    /// The same poll, watched. Bad options are thrown at once, as a watch's result may go unawaited.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, batch: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let given = self.session().and_then(|session| Ok((poll(&session, &batch, &options)?, session)));
        let (given, session) = given.map_err(into_js)?;
        watch(&session, given, &options).map_err(into_js)
    }

    /// Goes on with a poll from a snapshot.
    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self, snapshot: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let resumed = self.session().and_then(|session| Ok((resumed(&session, &snapshot, &options)?, session)));
        let (resumed, session) = resumed.map_err(into_js)?;
        watch(&session, resumed, &options).map_err(into_js)
    }

    /// Polls many batches, each reported as it settles.
    #[wasm_bindgen(js_name = pollMany, skip_typescript)]
    pub fn poll_many(&self, jobs: JsValue, options: JsValue) -> ManyPolls {
        ManyPolls::new(self.session.borrow().clone(), jobs, options)
    }

    /// What the lanes used by this client are doing, and why.
    #[wasm_bindgen(skip_typescript)]
    pub fn lanes(&self) -> Array {
        let session = self.session.borrow().clone();
        session.map(|session| lane_reports(&session)).unwrap_or_default().iter().map(lane_report).collect()
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
    fn ask_once(&self, batch: &JsValue, endpoint: Endpoint, options: &JsValue) -> Result<Promise, Error> {
        let session = self.session()?;
        let (arguments, listener, signal) = single_request(&session, batch, endpoint, options)?;
        let (running, result) = start(&session, arguments, None, listener);
        Ok(promise(running, result, signal))
    }

    fn poll(&self, batch: &JsValue, options: &JsValue) -> Result<Promise, Error> {
        let session = self.session()?;
        let (arguments, _) = poll(&session, batch, options)?;
        let rest = listener(options).and_then(|listener| Ok((listener, signal(options)?)));
        let (listener, signal) = rest.map_err(|error| error.about(&arguments.batch, None))?;
        let (running, result) = start(&session, arguments, None, listener);
        Ok(promise(running, result, signal))
    }

    fn upload_and_poll(&self, target: &JsValue, endpoint: Endpoint, files: &JsValue, options: &JsValue) -> Promise {
        let begun = self.session().and_then(|session| upload_and_poll(&session, target, endpoint, files, options));
        begun.unwrap_or_else(rejected)
    }

    fn session(&self) -> Result<Rc<Session>, Error> {
        self.session.borrow().clone().ok_or_else(Error::closed)
    }
}

//! A `fetch` that sends nothing: it counts, keeps what it was given and answers as the test wants.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, RequestInit, Response, ResponseInit};

use super::{member, now, own_name, parse};

pub(crate) const WAITING: &str = r#"{"extractionId":"-e","batchId":"b","status":"waiting"}"#;
pub(crate) const DONE: &str = r#"{"extractionId":"-e","batchId":"b","files":[{"fileId":"-f1","fileName":"one.pdf","status":"processed","result":{}}]}"#;

/// One call of `fetch`.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) this: JsValue,
    pub(crate) url: JsValue,
    pub(crate) init: RequestInit,
    pub(crate) at: f64,
    /// 1 for the first.
    pub(crate) number: usize,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        Reflect::get(&self.init.get_headers(), &name.into()).ok().and_then(|value| value.as_string())
    }

    pub(crate) fn body(&self) -> JsValue {
        parse(&self.init.get_body().as_string().unwrap_or_default())
    }

    pub(crate) fn batch_id(&self) -> String {
        member(&self.body(), "batchId").as_string().unwrap_or_default()
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.init.get_signal().unwrap_or_else(|| panic!("fetch is given a signal"))
    }
}

type Requests = Rc<RefCell<Vec<Request>>>;

pub(crate) struct FakeFetch {
    requests: Requests,
    function: JsValue,
    /// An address of its own, so that its lanes are its own.
    pub(crate) base_url: String,
}

impl FakeFetch {
    pub(crate) fn new(mut answer: impl FnMut(&Request) -> Promise + 'static) -> Self {
        let requests = Requests::default();
        let kept = requests.clone();
        let called = move |this: JsValue, url: JsValue, init: JsValue| {
            let number = kept.borrow().len() + 1;
            let request = Request { this, url, init: init.unchecked_into(), at: now(), number };
            kept.borrow_mut().push(request.clone());
            answer(&request)
        };
        let called = Closure::<dyn FnMut(JsValue, JsValue, JsValue) -> Promise>::new(called).into_js_value();
        // A closure of Rust's does not see `this`.
        let with_this = js_sys::Function::new_with_args(
            "called",
            "return function (url, init) { 'use strict'; return called(this, url, init); };",
        );
        let function = with_this.call1(&JsValue::UNDEFINED, &called).unwrap_or_else(|error| panic!("{error:?}"));
        Self { requests, function, base_url: format!("http://fake.test/{}", own_name("lane")) }
    }

    pub(crate) fn function(&self) -> JsValue {
        self.function.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.borrow().len()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    /// Options of a client that uses this fetch, with next to no floor.
    pub(crate) fn options(&self) -> JsValue {
        super::object([
            ("baseUrl", self.base_url.as_str().into()),
            ("fetch", self.function()),
            ("minIntervalMs", 1.into()),
        ])
    }

    pub(crate) fn client(&self) -> Result<extracta_wasm::js::client::ExtractaClient, JsValue> {
        extracta_wasm::js::client::ExtractaClient::new(self.options())
    }
}

/// A JSON answer with this status.
pub(crate) fn json(status: u16, body: &str) -> Promise {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&super::object([("content-type", "application/json".into())]));
    match Response::new_with_opt_str_and_init(Some(body), &init) {
        Ok(response) => Promise::resolve(&JsValue::from(response)),
        Err(error) => Promise::reject(&error),
    }
}

/// No answer: it ends only as a real request does, by its signal.
pub(crate) fn never(request: &Request) -> Promise {
    let signal = request.signal();
    Promise::new(&mut |_, reject| {
        let reason_of = signal.clone();
        let aborted = Closure::once_into_js(move || drop(reject.call1(&JsValue::UNDEFINED, &reason_of.reason())));
        let listens = signal.add_event_listener_with_callback("abort", aborted.unchecked_ref());
        assert!(listens.is_ok());
    })
}

//! What the tests share: objects as a JavaScript caller would write them, promises looked at from outside, errors read back
//! as plain data, a fake `fetch` and the way to the stand-in.

#![allow(clippy::panic, reason = "tests may stop at the first surprise")]

pub(crate) mod fake_fetch;
pub(crate) mod standin;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use extracta_wasm::js::client::ExtractaClient;
use gloo_timers::callback::Timeout;
use js_sys::{Object, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// What a test returns: anything that JavaScript rejects with or throws unexpectedly fails it.
pub(crate) type Tested = Result<(), JsValue>;

pub(crate) const UNDEFINED: JsValue = JsValue::UNDEFINED;

thread_local! {
    static NAMES: Cell<u32> = const { Cell::new(0) };
}

/// A name nobody else has, this test's earlier runs included: a token, so that no lane and no scripted batch is shared.
pub(crate) fn own_name(about: &str) -> String {
    let number = NAMES.with(|names| names.replace(names.get() + 1));
    format!("{about}-{}-{}-{number}", js_sys::Date::now(), (js_sys::Math::random() * 1e9).floor())
}

/// `{ name: value, … }`
pub(crate) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    with_members(Object::new().into(), members)
}

/// The same object with more members.
pub(crate) fn with_members<const N: usize>(object: JsValue, members: [(&str, JsValue); N]) -> JsValue {
    for (name, value) in members {
        assert!(Reflect::set(&object, &name.into(), &value).is_ok(), "{name} can be set");
    }
    object
}

pub(crate) fn client<const N: usize>(options: [(&str, JsValue); N]) -> Result<ExtractaClient, JsValue> {
    ExtractaClient::new(object(options))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtractionBatch<'a> {
    extraction_id: &'a str,
    batch_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClassificationBatch<'a> {
    classification_id: &'a str,
    batch_id: &'a str,
}

pub(crate) fn extraction(batch_id: &str) -> JsValue {
    plain(&ExtractionBatch { extraction_id: "-extraction", batch_id })
}

pub(crate) fn classification(batch_id: &str) -> JsValue {
    plain(&ClassificationBatch { classification_id: "-classification", batch_id })
}

/// Rust data as the JavaScript object it stands for.
pub(crate) fn plain(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(UNDEFINED)
}

pub(crate) fn parse(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap_or_else(|error| panic!("{error:?}: {json}"))
}

pub(crate) fn stringify(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Results of either kind, as a Rust caller would read them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    pub(crate) done: bool,
    pub(crate) extraction_id: Option<String>,
    pub(crate) classification_id: Option<String>,
    pub(crate) batch_id: Option<String>,
    pub(crate) file_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) files: Vec<File>,
}

impl Results {
    pub(crate) fn file_ids(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.file_id.as_deref().unwrap_or("none")).collect()
    }

    pub(crate) fn statuses(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.status.as_str()).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    pub(crate) file_id: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) status: String,
    pub(crate) error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    pub(crate) attempt: u32,
    pub(crate) elapsed_ms: f64,
    pub(crate) next_poll_in_ms: Option<f64>,
    pub(crate) queue_position: u32,
    pub(crate) counts: Counts,
    pub(crate) new_files: Vec<File>,
    pub(crate) results: Results,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Counts {
    pub(crate) total: u32,
    pub(crate) processed: u32,
    pub(crate) failed: u32,
    pub(crate) pending: u32,
}

/// An `ExtractaError`, read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) code: String,
    pub(crate) retryable: bool,
    pub(crate) endpoint: Option<String>,
    pub(crate) http_status: Option<u16>,
    pub(crate) server_message: Option<String>,
    pub(crate) retry_after_ms: Option<f64>,
    pub(crate) attempts: Option<u32>,
    pub(crate) elapsed_ms: Option<f64>,
    pub(crate) option: Option<String>,
    pub(crate) observed: Option<HashMap<String, u32>>,
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    pub(crate) cause: JsValue,
}

impl Failure {
    pub(crate) fn of(error: &JsValue) -> Self {
        assert!(error.is_instance_of::<js_sys::Error>(), "an Error was expected, not {error:?}");
        let failure: Self =
            serde_wasm_bindgen::from_value(error.clone()).unwrap_or_else(|odd| panic!("{odd}: {error:?}"));
        assert_eq!(failure.name, "ExtractaError", "{error:?}");
        assert!(
            !failure.message.contains('\n') && failure.message.len() > 20,
            "one line that says what to do: {failure:?}"
        );
        failure
    }
}

/// How long a test waits for what never comes. No test is slow enough to meet it.
const IN_VAIN_MS: u32 = 120_000;

pub(crate) async fn resolved(promise: Promise) -> Result<JsValue, JsValue> {
    let in_vain = Object::new();
    let (timer, deadline) = {
        let mut timer = None;
        let deadline = Promise::new(&mut |resolve, _| {
            let in_vain = in_vain.clone();
            timer = Some(Timeout::new(IN_VAIN_MS, move || drop(resolve.call1(&UNDEFINED, &in_vain))));
        });
        (timer, deadline)
    };
    let settled = JsFuture::from(Promise::race(&js_sys::Array::of2(&promise, &deadline))).await;
    drop(timer);
    assert!(settled.as_ref().ok() != Some(&in_vain), "waited in vain for a promise to settle");
    settled
}

/// The results a promise resolves to.
pub(crate) async fn results(promise: Promise) -> Result<Results, JsValue> {
    Ok(serde_wasm_bindgen::from_value(resolved(promise).await?)?)
}

/// The value a promise rejects with.
pub(crate) async fn rejected(promise: Promise) -> JsValue {
    match resolved(promise).await {
        Ok(value) => panic!("a rejection was expected, not {}", stringify(&value)),
        Err(reason) => reason,
    }
}

/// The `ExtractaError` a promise rejects with.
pub(crate) async fn failure(promise: Promise) -> Failure {
    Failure::of(&rejected(promise).await)
}

/// A promise looked at from outside, without waiting for it.
pub(crate) struct Outcome(Rc<RefCell<Option<Result<JsValue, JsValue>>>>);

impl Outcome {
    pub(crate) fn of(promise: Promise) -> Self {
        let outcome = Rc::new(RefCell::new(None));
        let seen = outcome.clone();
        spawn_local(async move {
            let settled = JsFuture::from(promise).await;
            *seen.borrow_mut() = Some(settled);
        });
        Self(outcome)
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// The value it has been rejected with by now.
    pub(crate) fn rejection(&self) -> JsValue {
        match &*self.0.borrow() {
            None => panic!("still pending"),
            Some(Ok(value)) => panic!("resolved to {}", stringify(value)),
            Some(Err(reason)) => reason.clone(),
        }
    }
}

/// Waits for a single `setTimeout` of so many milliseconds.
pub(crate) async fn sleep(ms: u32) {
    let timer = Promise::new(&mut |resolve, _| {
        Timeout::new(ms, move || drop(resolve.call0(&UNDEFINED))).forget();
    });
    assert!(JsFuture::from(timer).await.is_ok());
}

/// Lets everything run that is ready to: one `setTimeout(0)`. Promises settle before any timer fires, however busy the machine:
/// what ends at once has ended by then.
pub(crate) async fn one_macrotask() {
    sleep(0).await;
}

/// Waits until something has come about. In vain only in a test that would otherwise hang.
pub(crate) async fn until(what: &str, mut has_come_about: impl FnMut() -> bool) {
    let started = now();
    while !has_come_about() {
        assert!(now() - started < f64::from(IN_VAIN_MS), "waited in vain: {what}");
        one_macrotask().await;
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    /// A poll that is watched, as JavaScript has it.
    pub(crate) type Watch;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn result(this: &Watch) -> Promise;

    #[wasm_bindgen(method)]
    pub(crate) fn nudge(this: &Watch);

    #[wasm_bindgen(method)]
    pub(crate) fn snapshot(this: &Watch) -> String;

    #[wasm_bindgen(method)]
    pub(crate) fn cancel(this: &Watch, reason: &JsValue);
}

/// What `watch` gave.
pub(crate) fn watched(given: Result<JsValue, JsValue>) -> Result<Watch, JsValue> {
    given.map(JsValue::unchecked_into)
}

/// Milliseconds on the clock that the client goes by.
pub(crate) fn now() -> f64 {
    performance_now()
}

pub(crate) fn is_web_page() -> bool {
    !member(&js_sys::global(), "document").is_undefined()
}

/// The very same value: `Object.is`.
pub(crate) fn is_same(left: &JsValue, right: &JsValue) -> bool {
    Object::is(left, right)
}

/// A callback that keeps what it is called with.
pub(crate) struct Recorder {
    calls: Rc<RefCell<Vec<JsValue>>>,
    function: Closure<dyn FnMut(JsValue)>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let kept = calls.clone();
        Self { calls, function: Closure::new(move |value| kept.borrow_mut().push(value)) }
    }

    pub(crate) fn function(&self) -> JsValue {
        self.function.as_ref().clone()
    }

    pub(crate) fn calls(&self) -> Vec<JsValue> {
        self.calls.borrow().clone()
    }

    pub(crate) fn progresses(&self) -> Result<Vec<Progress>, JsValue> {
        self.calls().into_iter().map(|value| Ok(serde_wasm_bindgen::from_value(value)?)).collect()
    }
}

/// A function that throws `value`.
pub(crate) fn throwing(value: &JsValue) -> JsValue {
    let value = value.clone();
    Closure::<dyn FnMut() -> Result<JsValue, JsValue>>::new(move || Err(value.clone())).into_js_value()
}

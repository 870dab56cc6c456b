//! The options of a client and of a call: their defaults and limits. Each complaint names the option, what is allowed and what
//! came.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, JSON, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::error::Error;
use super::shared_pacing::SharedPacing;
use super::token::{Token, TokenProvider, check_token};
use crate::core::address::{is_extracta, place};
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure};
use crate::core::events::Event;
use crate::core::fingerprint::fingerprint;
use crate::core::poll::{Plan, Saved};
use crate::core::response::OnUnknownStatus;
use crate::core::snapshot::Snapshot;
use crate::web::clock;
use crate::web::realm::is_web_page;
use crate::web::reply::Parsed;
use crate::web::value::{assign, copy, get, number_text, set, text};

/// Where the API is.
pub(crate) const DEFAULT_BASE_URL: &str = "https://api.extracta.ai/api/v1";
const DEFAULT_REQUEST_TIMEOUT_MS: f64 = 30_000.0;
const DEFAULT_UPLOAD_TIMEOUT_MS: f64 = 10.0 * 60.0 * 1_000.0;
/// How long a poll may take where nothing is said.
pub(crate) const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;
const DEFAULT_MAX_RETRIES: u32 = 5;

/// What the API's documentation asks for between two requests to an endpoint.
const API_FLOOR_MS: f64 = 2_000.0;

/// The weight of a single request among polls, most of which are only asked whether they are finished: whatever its answer
/// says, somebody waits for it.
const SINGLE_REQUEST_PRIORITY: f32 = 10.0;

/// What a number counts, in words, and whether one does.
struct Measure {
    words: &'static str,
    counts: fn(f64) -> bool,
}

const MILLISECONDS: Measure = Measure { words: "a finite number of milliseconds", counts: f64::is_finite };
const MILLISECONDS_OR_INFINITY: Measure =
    Measure { words: "a number of milliseconds or Infinity", counts: |number| !number.is_nan() };
const THINGS: Measure =
    Measure { words: "a whole number", counts: |number| number.is_finite() && number.fract() == 0.0 };
const WEIGHT: Measure = Measure { words: "a finite number", counts: f64::is_finite };

/// A number, as the caller gives it.
#[derive(Clone, Debug, Default)]
pub(crate) enum Given {
    #[default]
    Nothing,
    Number(f64),
    /// Something else, of this kind.
    Other(Cow<'static, str>),
}

impl Given {
    /// This one, or where nothing is given the other.
    pub(crate) fn or(self, other: Self) -> Self {
        if matches!(self, Self::Nothing) { other } else { self }
    }
}

impl From<f64> for Given {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// A duration, as options have it.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn checked(
    name: &'static str,
    given: &Given,
    otherwise: f64,
    least: f64,
    measure: &Measure,
    note: &str,
) -> Result<f64, Box<Failure>> {
    let got = match given {
        Given::Nothing => return Ok(otherwise),
        Given::Number(number) if *number >= least && (measure.counts)(*number) => return Ok(*number),
        Given::Number(number) => number_text(*number).into(),
        Given::Other(kind) => kind.clone(),
    };
    let allowed = [measure.words, ", at least ", &number_text(least), note].concat();
    Err(Failure::invalid(name, &allowed, &got))
}

/// What a client is made of, as the caller says it.
#[derive(Default)]
pub(crate) struct ClientOptions {
    pub(crate) base_url: Option<String>,
    pub(crate) token: Token,
    /// Anything that `new Headers()` takes.
    pub(crate) headers: Option<JsValue>,
    pub(crate) fetch: Option<Function>,
    pub(crate) request_timeout_ms: Given,
    pub(crate) min_interval_ms: Given,
    pub(crate) shared_pacing: Option<Rc<dyn SharedPacing>>,
    pub(crate) allow_token_in_browser: bool,
    pub(crate) on_event: Option<Observer>,
}

/// Receives events.
pub(crate) type Observer = Rc<dyn Fn(&Event<'_>)>;

/// Options of a client, checked.
pub(crate) struct Config {
    /// As it was given.
    base_url: String,
    /// Resolved: of a path, with the first call, as a client may be made where there is no page yet.
    base: OnceCell<Base>,
    token: Option<Rc<str>>,
    /// Of every request; copied for each.
    headers: Object,
    /// That the headers bring.
    header_key: Option<Rc<str>>,
    /// Of the caller's headers, divided by spaces.
    header_values: String,
    functions: RefCell<Rc<Functions>>,
    pub(crate) request_timeout_ms: f64,
    /// The least time between two requests of a lane.
    pub(crate) floor_ms: f64,
    allow_token_in_browser: bool,
}

/// The functions of the caller. A garbage collector does not look through the wasm, and they may lead to the client, or to a watch
/// that leads to them: they are let go of once the client is closed and its calls have ended.
#[derive(Default)]
pub(crate) struct Functions {
    pub(crate) fetch: Option<Function>,
    pub(crate) token: Option<Rc<dyn TokenProvider>>,
    pub(crate) shared_pacing: Option<Rc<dyn SharedPacing>>,
    pub(crate) on_event: Option<Observer>,
}

/// Where requests go.
struct Base {
    upload_urls: [String; 2],
    urls: [String; 2],
    /// What distinguishes the lanes: the same for all spellings of an address.
    places: [Vec<u8>; 2],
    /// Whether it is extracta.ai.
    is_api: bool,
}

impl Config {
    pub(crate) fn new(given: ClientOptions) -> Result<Self, Error> {
        let ClientOptions { token, fetch, shared_pacing, allow_token_in_browser, on_event, .. } = given;
        let base_url = given.base_url.unwrap_or_else(|| DEFAULT_BASE_URL.into());
        let url = absolute(&base_url)?;
        if let Some(text) = token.text() {
            check_token(text)?;
        }
        let Headers { headers, key: header_key, values: header_values } = headers(given.headers.as_ref(), &token)?;
        let config = Self {
            base_url,
            base: OnceCell::new(),
            headers,
            header_key,
            header_values,
            token: token.text().map(Into::into),
            functions: RefCell::new(Rc::new(Functions {
                fetch,
                token: token.into_provider(),
                shared_pacing,
                on_event,
            })),
            request_timeout_ms: checked(
                "requestTimeoutMs",
                &given.request_timeout_ms,
                DEFAULT_REQUEST_TIMEOUT_MS,
                1.0,
                &MILLISECONDS,
                "",
            )?,
            floor_ms: floor_ms(&given.min_interval_ms, url.as_ref())?,
            allow_token_in_browser,
        };
        if let Some(url) = url {
            config.settle(&url)?;
        }
        Ok(config)
    }

    /// The functions of the caller.
    pub(crate) fn functions(&self) -> Rc<Functions> {
        self.functions.borrow().clone()
    }

    /// Forgets the functions of the caller.
    pub(crate) fn let_go(&self) {
        let functions = self.functions.take();
        drop(functions);
    }

    /// To be asked before a call: fails where requests cannot go anywhere.
    pub(crate) fn ready(&self) -> Result<(), Error> {
        if self.base.get().is_none() {
            let url = resolved(&self.base_url)?;
            floor_ms(&self.floor_ms.into(), Some(&url))?;
            self.settle(&url)?;
        }
        Ok(())
    }

    /// Requests go there, if they may.
    fn settle(&self, url: &Url) -> Result<(), Error> {
        let has_key = self.key().is_some() || self.functions().token.is_some();
        if is_extracta(&url.hostname()) {
            if has_key && url.protocol() == "http:" {
                let allowed = "https: for extracta.ai, because http: exposes the API key to everyone on the network";
                return Err(Failure::invalid("baseUrl", allowed, "http:").into());
            }
            if let Some(option) = self.literal_key().filter(|_| !self.allow_token_in_browser && is_web_page()) {
                return Err(Failure { option: Some(option.into()), ..Failure::new(Code::BrowserToken) }.into());
            }
        }
        let (href, place) = (url.href(), place(&url.hostname(), &url.port(), &url.pathname()));
        let mut href = &*href;
        while let Some(shorter) = href.strip_suffix('/') {
            href = shorter;
        }
        let endpoints = [Endpoint::Extraction, Endpoint::Classification];
        let _ = self.base.set(Base {
            upload_urls: endpoints.map(|endpoint| [href, "/", endpoint.upload_path()].concat()),
            urls: endpoints.map(|endpoint| [href, "/", endpoint.path()].concat()),
            places: endpoints.map(|endpoint| [&place, &b"/"[..], endpoint.path().as_bytes()].concat()),
            is_api: is_extracta(&url.hostname()),
        });
        Ok(())
    }

    /// The option that holds a literal key.
    fn literal_key(&self) -> Option<&'static str> {
        match (&self.token, &self.header_key) {
            (Some(_), _) => Some("token"),
            (None, Some(_)) => Some("headers"),
            (None, None) => None,
        }
    }

    /// The literal key.
    pub(crate) fn key(&self) -> Option<&str> {
        self.token.as_deref().or(self.header_key.as_deref())
    }

    /// What a request brings that nobody is to see, divided by spaces: the key, then the values of the caller's headers.
    pub(crate) fn secrets(&self, token: Option<&str>) -> String {
        [token.or(self.key()).unwrap_or_default(), " ", &self.header_values].concat()
    }

    /// Where requests to an endpoint go; empty before the first call is [`ready`](Self::ready).
    pub(crate) fn url(&self, endpoint: Endpoint) -> &str {
        self.base.get().map_or("", |base| &**of(&base.urls, endpoint))
    }

    /// Where files are uploaded.
    pub(crate) fn upload_url(&self, endpoint: Endpoint) -> &str {
        self.base.get().map_or("", |base| &**of(&base.upload_urls, endpoint))
    }

    /// The same, however it is spelled.
    pub(crate) fn place(&self, endpoint: Endpoint) -> &[u8] {
        self.base.get().map_or(&[], |base| &**of(&base.places, endpoint))
    }

    /// Whether requests go to the API itself.
    pub(crate) fn is_api(&self) -> bool {
        self.base.get().is_some_and(|base| base.is_api)
    }

    /// The headers of a request, with the token that a provider gave for it.
    pub(crate) fn headers(&self, token: Option<&str>) -> JsValue {
        let headers = copy(&self.headers).into();
        if let Some(token) = token {
            set_authorization(&headers, token);
        }
        headers
    }
}

fn of<T>([extraction, classification]: &[T; 2], endpoint: Endpoint) -> &T {
    match endpoint {
        Endpoint::Extraction => extraction,
        Endpoint::Classification => classification,
    }
}

fn floor_ms(given: &Given, url: Option<&Url>) -> Result<f64, Box<Failure>> {
    let (least, note) = if url.is_some_and(|url| is_extracta(&url.hostname())) {
        (API_FLOOR_MS, " (extracta.ai asks for it)")
    } else {
        (0.0, "")
    };
    checked("minIntervalMs", given, API_FLOOR_MS, least, &MILLISECONDS, note)
}

fn set_authorization(headers: &JsValue, token: &str) {
    set(headers, "authorization", &["Bearer ", token].concat().into());
}

/// What is `got` is no address.
pub(crate) fn unfit_base_url(got: &str) -> Box<Failure> {
    let allowed = "an absolute http(s) URL, or a path on a web page, without user, password, query and fragment";
    Failure::invalid("baseUrl", allowed, got)
}

/// The address, where it is a whole one; `None` of a path.
fn absolute(text: &str) -> Result<Option<Url>, Box<Failure>> {
    match Url::new(text) {
        Ok(url) => fit(url).map(Some),
        // What names a scheme is no path.
        Err(_) if text.as_bytes().windows(3).any(|part| part == b"://") => Err(unfit_base_url("text that is no URL")),
        Err(_) => Ok(None),
    }
}

/// The address that a path is on this page, or in this worker of one.
fn resolved(text: &str) -> Result<Url, Box<Failure>> {
    let global = js_sys::global();
    let bases = [
        get(&get(&global, "document"), "baseURI"),
        get(&get(&global, "location"), "href"),
        // Of a worker made from a blob, whose own address nothing is relative to.
        get(&global, "origin"),
    ];
    let mut is_page = false;
    for base in bases.iter().filter_map(JsValue::as_string) {
        is_page = true;
        if let Ok(url) = Url::new_with_base(text, &base) {
            return fit(url);
        }
    }
    Err(unfit_base_url(if is_page { "text that is no URL" } else { "a path, and there is no page here" }))
}

fn fit(url: Url) -> Result<Url, Box<Failure>> {
    let unfit = unfit_base_url;
    if !matches!(url.protocol().as_str(), "http:" | "https:") {
        return Err(unfit("a URL of another scheme"));
    }
    if !url.username().is_empty() || !url.password().is_empty() {
        return Err(unfit("a URL with user or password"));
    }
    if !url.search().is_empty() || !url.hash().is_empty() {
        return Err(unfit("a URL with query or fragment"));
    }
    Ok(url)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Headers)]
    type JsHeaders;

    #[wasm_bindgen(constructor, catch, js_class = "Headers")]
    fn new(given: &JsValue) -> Result<JsHeaders, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = fromEntries)]
    fn from_entries(entries: &JsHeaders) -> Result<Object, JsValue>;
}

struct Headers {
    headers: Object,
    key: Option<Rc<str>>,
    values: String,
}

/// A plain object with what is the same for each request, and the key in it. Copied, so that changing what was given changes
/// nothing.
fn headers(given: Option<&JsValue>, token: &Token) -> Result<Headers, Box<Failure>> {
    let headers = match given {
        None => Object::new(),
        Some(given) => without_undefined(given)
            .and_then(|given| JsHeaders::new(&given))
            .and_then(|headers| from_entries(&headers))
            .map_err(|_| {
                let allowed = "an object of header names and string values";
                Failure::invalid("headers", allowed, "names or values that no header can have")
            })?,
    };
    let authorization = text(&headers, "authorization");
    if !matches!(token, Token::None) && authorization.is_some() {
        return Err(Failure::invalid("headers", "without authorization when token is given", "both"));
    }
    let values = Object::values(&headers).join(" ").into();
    set(&headers, "content-type", &"application/json".into());
    if let Some(token) = token.text() {
        set_authorization(&headers, token);
    }
    // Behind the scheme's name, as other lanes have it.
    let key = authorization.map(|value| {
        let scheme = value.bytes().position(|byte| byte == b' ');
        value.get(scheme.unwrap_or_default()..).unwrap_or_default().trim_ascii().into()
    });
    Ok(Headers { headers, key, values })
}

/// Members of a plain object that are undefined are as good as none. `new Headers()` would make the text of them.
fn without_undefined(given: &JsValue) -> Result<JsValue, JsValue> {
    if Reflect::get(given, &Symbol::iterator())?.is_function() {
        return Ok(given.clone());
    }
    let copy = Object::new();
    assign(&copy, given)?;
    for name in Object::keys(&copy) {
        if Reflect::get(&copy, &name)?.is_undefined() {
            Reflect::delete_property(&copy, &name)?;
        }
    }
    Ok(copy.into())
}

/// What the order among many batches goes by.
#[derive(Clone, Copy)]
pub(crate) struct Hints {
    /// 0 where it is not known.
    pub(crate) expected_files: f32,
    pub(crate) priority: f32,
}

/// The arguments of a call, checked.
#[derive(Clone)]
pub(crate) struct CallArguments {
    pub(crate) batch: Batch,
    pub(crate) plan: Plan,
    pub(crate) unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
    /// Whether linked extractions are polled too.
    pub(crate) follows: bool,
    /// On whose behalf: a fingerprint, 0 for nobody's.
    pub(crate) visitor: u64,
    /// In place of the client's.
    pub(crate) fetch: Option<Function>,
}

/// The options of a call, as the caller says them.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallOptions {
    pub(crate) request_timeout_ms: Given,
    pub(crate) timeout_ms: Given,
    pub(crate) interval_ms: Given,
    pub(crate) initial_delay_ms: Given,
    pub(crate) max_retries: Given,
    pub(crate) unknown: Option<OnUnknownStatus>,
    pub(crate) expected_files: Given,
    pub(crate) priority: Given,
    pub(crate) follows: bool,
    /// On whose behalf a single request is made.
    pub(crate) visitor: Option<String>,
    /// The only batch that a snapshot may be of.
    pub(crate) batch: Option<Batch>,
}

/// The limit of an upload, checked.
pub(crate) fn upload_timeout_ms(given: &Given) -> Result<f64, Box<Failure>> {
    checked("uploadTimeoutMs", given, DEFAULT_UPLOAD_TIMEOUT_MS, 1.0, &MILLISECONDS_OR_INFINITY, "")
}

/// What stands where a call's options say nothing.
pub(crate) struct Usual {
    pub(crate) interval_ms: f64,
    /// NaN where that of the poll so far is to stand.
    pub(crate) timeout_ms: f64,
    pub(crate) max_retries: u32,
    pub(crate) unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
}

impl Default for Usual {
    fn default() -> Self {
        Self {
            interval_ms: 0.0,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            max_retries: DEFAULT_MAX_RETRIES,
            unknown: OnUnknownStatus::Wait,
            hints: Hints { expected_files: 0.0, priority: 1.0 },
        }
    }
}

impl CallOptions {
    /// A single request about a batch.
    pub(crate) fn single_request(&self, batch: Batch, config: &Config) -> Result<CallArguments, Error> {
        let ready = config.ready().and_then(|()| Ok(self.request_timeout_ms(config)?));
        let request_timeout_ms = ready.map_err(|error| error.about(&batch, None))?;
        Ok(CallArguments {
            batch,
            plan: Plan::once(config.floor_ms, request_timeout_ms),
            unknown: OnUnknownStatus::Wait,
            hints: Hints { expected_files: 0.0, priority: self.weight(SINGLE_REQUEST_PRIORITY)? },
            follows: false,
            visitor: self.visitor.as_deref().map_or(0, |visitor| fingerprint(&[visitor])),
            fetch: None,
        })
    }

    /// A poll of a batch.
    pub(crate) fn poll(&self, batch: Batch, config: &Config, usual: &Usual) -> Result<CallArguments, Error> {
        self.checked_poll(&batch, config, usual).map_err(|error| error.about(&batch, None))
    }

    fn checked_poll(&self, batch: &Batch, config: &Config, usual: &Usual) -> Result<CallArguments, Error> {
        config.ready()?;
        let floor_ms = config.floor_ms;
        let usual_interval_ms = usual.interval_ms.max(floor_ms);
        let plan = Plan {
            request_timeout_ms: self.request_timeout_ms(config)?,
            interval_ms: checked(
                "intervalMs",
                &self.interval_ms,
                usual_interval_ms,
                floor_ms,
                &MILLISECONDS,
                " (minIntervalMs)",
            )?,
            floor_ms,
            timeout_ms: checked("timeoutMs", &self.timeout_ms, usual.timeout_ms, 1.0, &MILLISECONDS_OR_INFINITY, "")?,
            initial_delay_ms: checked("initialDelayMs", &self.initial_delay_ms, 0.0, 0.0, &MILLISECONDS, "")?,
            max_retries: checked("maxRetries", &self.max_retries, usual.max_retries.into(), 0.0, &THINGS, "")? as u32,
            once: false,
        };
        let files = f64::from(usual.hints.expected_files);
        let hints = Hints {
            expected_files: checked("expectedFiles", &self.expected_files, files, 1.0, &THINGS, "")? as f32,
            priority: self.weight(usual.hints.priority)?,
        };
        let unknown = self.unknown.unwrap_or(usual.unknown);
        Ok(CallArguments { batch: batch.clone(), plan, unknown, hints, follows: self.follows, visitor: 0, fetch: None })
    }

    fn weight(&self, usual: f32) -> Result<f32, Box<Failure>> {
        Ok(checked("priority", &self.priority, usual.into(), 0.01, &WEIGHT, "")? as f32)
    }

    fn request_timeout_ms(&self, config: &Config) -> Result<f64, Box<Failure>> {
        checked("requestTimeoutMs", &self.request_timeout_ms, config.request_timeout_ms, 1.0, &MILLISECONDS, "")
    }
}

impl CallOptions {
    /// A poll that goes on from a snapshot: what that says, changed by what the options say.
    pub(crate) fn resume(&self, text: &str, config: &Config) -> Result<(CallArguments, Saved), Error> {
        let of_batch = |failure: Failure| match &self.batch {
            Some(batch) => Error::from(failure).about(batch, None),
            None => failure.into(),
        };
        let parsed = JSON::parse(text).ok().map(Parsed);
        let Some(snapshot) = parsed.and_then(|parsed| Snapshot::read(&parsed)) else {
            return Err(of_batch(Failure::new(Code::InvalidSnapshot)));
        };
        let Snapshot { batch, unknown, expected_files, priority, mut saved } = snapshot;
        if self.batch.as_ref().is_some_and(|given| *given != batch) {
            let detail = "The snapshot is of another batch than options.batch. Pass the snapshot of that batch.";
            return Err(of_batch(Failure { detail: Some(detail.into()), ..Failure::new(Code::InvalidSnapshot) }));
        }
        let usual = Usual {
            interval_ms: saved.plan.interval_ms,
            timeout_ms: f64::NAN,
            max_retries: saved.plan.max_retries,
            unknown,
            hints: Hints { expected_files: expected_files as f32, priority: priority as f32 },
        };
        let arguments = self.poll(batch, config, &usual)?;
        let timeout_ms = Some(arguments.plan.timeout_ms).filter(|ms| !ms.is_nan());
        saved.allow(timeout_ms, DEFAULT_TIMEOUT_MS, clock::wall_now());
        saved.plan = Plan { timeout_ms: saved.plan.timeout_ms, ..arguments.plan };
        Ok((CallArguments { plan: saved.plan, ..arguments }, saved))
    }
}

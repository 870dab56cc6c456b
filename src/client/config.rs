//! The options of a client, checked: what stays the same for all of its calls.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::JsValue;
use web_sys::Url;

use super::base_url::{DEFAULT_BASE_URL, absolute, resolved};
use super::error::Error;
use super::headers::{Headers, headers, set_authorization};
use super::number::{Given, MILLISECONDS, checked};
use super::shared_pacing::SharedPacing;
use super::token::{Token, TokenProvider, check_token};
use crate::core::address::{is_extracta, place};
use crate::core::batch::Endpoint;
use crate::core::error::{Code, Failure};
use crate::core::events::Event;
use crate::web::realm::is_web_page;
use crate::web::value::copy;

const DEFAULT_REQUEST_TIMEOUT_MS: f64 = 30_000.0;

/// What the API's documentation asks for between two requests to an endpoint.
const API_FLOOR_MS: f64 = 2_000.0;

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
        (API_FLOOR_MS, " (the least that extracta.ai allows)")
    } else {
        (0.0, "")
    };
    checked("minIntervalMs", given, API_FLOOR_MS, least, &MILLISECONDS, note)
}

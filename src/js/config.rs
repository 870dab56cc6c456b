//! What a client is made of: where it sends requests, with what, and how far apart.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Url};

use super::error::{Stop, invalid};
use super::member::{get, global, object, text};
use super::options::{Number, Options, Unit, kind_of, request_timeout_ms};
use super::pacing::Pacing;
use super::token::Token;
use crate::error::{Code, Failure};
use crate::fields::Fields;
use crate::job::Endpoint;

const DEFAULT_BASE_URL: &str = "https://api.extracta.ai/api/v1";
const DEFAULT_REQUEST_TIMEOUT_MS: f64 = 30_000.0;

/// What the API's documentation asks for between two requests to an endpoint.
const API_FLOOR_MS: f64 = 2_000.0;

/// Options of a client, checked.
pub(crate) struct Config {
    /// Without a slash at the end.
    base_url: String,
    pub(crate) token: Token,
    /// `None`: the global one, looked up anew for each request.
    pub(crate) fetch: Option<Function>,
    pub(crate) headers: Option<Headers>,
    pub(crate) request_timeout_ms: f64,
    pub(crate) floor_ms: f64,
    /// `None`: lanes are shared within the realm only.
    pub(crate) pacing: Option<Pacing>,
    on_event: Option<Function>,
}

impl Config {
    pub(crate) fn new(options: JsValue) -> Result<Self, Stop> {
        let options = Options::new(options, "options")?;
        let url = base_url(&options)?;
        let is_extracta = is_extracta(&text(&url, "hostname").unwrap_or_default());
        let (least, note) = if is_extracta { (API_FLOOR_MS, " (extracta.ai asks for it)") } else { (0.0, "") };
        let floor = Number { name: "minIntervalMs", default: API_FLOOR_MS, least, unit: Unit::Milliseconds, note };

        let token = Token::new(options.get("token")?)?;
        let allow_token_in_browser = options.flag("allowTokenInBrowser")?;
        if matches!(token, Token::Literal(_)) && is_extracta && !allow_token_in_browser && is_web_page() {
            return Err(Failure { option: Some("token"), ..Failure::new(Code::BrowserToken) }.into());
        }
        let on_event = options.function("onEvent")?;
        Ok(Self {
            base_url: text(&url, "href").unwrap_or_default().trim_end_matches('/').into(),
            headers: headers(&options, &token)?,
            token,
            fetch: options.function("fetch")?,
            request_timeout_ms: request_timeout_ms(&options, DEFAULT_REQUEST_TIMEOUT_MS)?,
            floor_ms: options.number(&floor)?,
            pacing: Pacing::new(&options, on_event.as_ref())?,
            on_event,
        })
    }

    /// The address of an endpoint.
    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        let mut url = self.base_url.clone();
        url.push('/');
        url.push_str(endpoint.path());
        url
    }

    /// Tells `onEvent`. What it throws is its own affair: it only watches.
    pub(crate) fn emit(&self, event: &Fields<'_>) {
        if let Some(on_event) = &self.on_event {
            let _ = on_event.call1(&JsValue::UNDEFINED, &object(event));
        }
    }
}

fn base_url(options: &Options) -> Result<Url, Stop> {
    const ALLOWED: &str =
        "an absolute http(s) URL, or a path on a web page, without user, password, query and fragment";
    let Some(value) = options.get("baseUrl")? else { return Url::new(DEFAULT_BASE_URL).map_err(Stop::Thrown) };
    // A URL object, of whatever realm, is read by its href.
    let href = text(&value, "href");
    let Some(given) = value.as_string().or(href) else { return Err(invalid("baseUrl", ALLOWED, &kind_of(&value))) };
    let page = text(&global("location"), "href");
    let url = match &page {
        Some(page) => Url::new_with_base(&given, page),
        None => Url::new(&given),
    };
    let unfit = |got| invalid("baseUrl", ALLOWED, got);
    let url =
        url.map_err(|_| unfit(if page.is_some() { "text that is no URL" } else { "text that is no absolute URL" }))?;
    let part = |name| text(&url, name).unwrap_or_default();
    if !matches!(part("protocol").as_str(), "http:" | "https:") {
        return Err(unfit("a URL of another scheme"));
    }
    if !(part("username").is_empty() && part("password").is_empty()) {
        return Err(unfit("a URL with user or password"));
    }
    if !(part("search").is_empty() && part("hash").is_empty()) {
        return Err(unfit("a URL with query or fragment"));
    }
    Ok(url)
}

/// Whether a host is the API's, also in the spelling with the root's dot.
fn is_extracta(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "extracta.ai" || host.ends_with(".extracta.ai")
}

fn headers(options: &Options, token: &Token) -> Result<Option<Headers>, Stop> {
    const ALLOWED: &str = "an object of header names and string values";
    let Some(value) = options.get("headers")? else { return Ok(None) };
    let record = match value.dyn_ref::<Object>() {
        Some(object) if !value.is_function() => object.clone(),
        _ => return Err(invalid("headers", ALLOWED, &kind_of(&value))),
    };
    let headers = Headers::new_with_record_from_str_to_str(&record)
        .map_err(|_| invalid("headers", ALLOWED, "names or values that no header can have"))?;
    if !matches!(token, Token::None) && headers.has("authorization").unwrap_or(false) {
        return Err(invalid("headers", "without authorization when token is given", "both"));
    }
    // Copied, so that changing the object later changes nothing.
    Ok(Some(headers))
}

/// Whether visitors can read what this code holds: a page, or a worker of one.
fn is_web_page() -> bool {
    let has_document = !get(&global("window"), "document").is_undefined();
    // Only a browser's workers have both; Workers at the edge are no pages.
    has_document || (global("importScripts").is_function() && !global("location").is_undefined())
}

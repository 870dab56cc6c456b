//! Where requests go: an address, or a path on the page that runs this.

use wasm_bindgen::JsValue;
use web_sys::Url;

use crate::core::error::Failure;
use crate::web::value::get;

/// Where the API is.
pub(super) const DEFAULT_BASE_URL: &str = "https://api.extracta.ai/api/v1";

/// What is `got` is no address.
pub(crate) fn unfit_base_url(got: &str) -> Box<Failure> {
    let allowed = "an absolute http(s) URL, or a path on a web page, without user, password, query and fragment";
    Failure::invalid("baseUrl", allowed, got)
}

/// The address, where it is a whole one; `None` of a path.
pub(super) fn absolute(text: &str) -> Result<Option<Url>, Box<Failure>> {
    match Url::new(text) {
        Ok(url) => fit(url).map(Some),
        // What names a scheme is no path.
        Err(_) if text.as_bytes().windows(3).any(|part| part == b"://") => Err(unfit_base_url("text that is no URL")),
        Err(_) => Ok(None),
    }
}

/// The address that a path is on this page, or in this worker of one.
pub(super) fn resolved(text: &str) -> Result<Url, Box<Failure>> {
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

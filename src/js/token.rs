//! The API key, or where it comes from.

use std::future::Future;
use std::pin::Pin;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::call::Woken;
use super::clock;
use super::error::{Stop, invalid};
use super::member::{object, promise};
use super::options::kind_of;
use super::poll::Run;
use crate::error::{Code, Failure};
use crate::fields::Fields;

/// What to authorize requests with.
pub(crate) enum Token {
    /// Nothing: a proxy adds the key.
    None,
    /// An API key.
    Literal(String),
    /// A function that gives one, called before each request.
    Provider(Function),
}

impl Token {
    pub(crate) fn new(value: Option<JsValue>) -> Result<Self, Stop> {
        let Some(value) = value else { return Ok(Self::None) };
        match value.dyn_into::<Function>() {
            Ok(provider) => Ok(Self::Provider(provider)),
            Err(value) => text(&value).map(Self::Literal),
        }
    }

    /// What needs no asking: `None` where a provider would have to be asked, `Some(None)` where there is no token.
    pub(crate) fn at_hand(&self) -> Option<Option<&str>> {
        match self {
            Self::None => Some(None),
            Self::Literal(token) => Some(Some(token)),
            Self::Provider(_) => None,
        }
    }

    /// Whether a 401 may be answered with a fresh token.
    pub(crate) fn can_refresh(&self) -> bool {
        matches!(self, Self::Provider(_))
    }
}

/// Asks a provider for the token of the next request. What it throws ends the call: it alone knows why.
pub(crate) fn ask<'a>(
    provider: &'a Function,
    run: &'a Run,
    force_refresh: bool,
) -> Pin<Box<dyn Future<Output = Result<String, Stop>> + 'a>> {
    // On the heap: few use a provider, and the room for asking would be in every poll.
    Box::pin(async move {
        let mut context = Fields::default();
        context.flag("forceRefresh", force_refresh);
        let given = provider.call1(&JsValue::UNDEFINED, &object(&context)).map_err(Stop::Thrown)?;
        let until = clock::now() + run.request_timeout_ms();
        match run.call.settled(promise(&given), until).await? {
            Woken::Settled(token) => text(&token.map_err(Stop::Thrown)?),
            Woken::Time | Woken::Nudged => {
                let detail = Some("The token function took longer than requestTimeoutMs.".into());
                Err(Failure { detail, ..Failure::new(Code::RequestTimeout) }.into())
            }
        }
    })
}

/// Keys are opaque, but a header takes only visible ASCII; anything else is a copying accident.
fn text(value: &JsValue) -> Result<String, Stop> {
    const ALLOWED: &str = "a string of visible ASCII characters, or a function that gives one";
    match value.as_string() {
        Some(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(token),
        Some(token) if !token.is_empty() => Err(invalid("token", ALLOWED, "a string with spaces or other characters")),
        _ => Err(invalid("token", ALLOWED, &kind_of(value))),
    }
}

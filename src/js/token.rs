//! The API key, or where it comes from.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::call::{Call, Woken};
use super::error::{Stop, invalid};
use super::member::{promise, set};
use super::options::kind_of;
use crate::error::{Code, Failure};

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

    /// Whether a 401 may be answered with a fresh token.
    pub(crate) fn can_refresh(&self) -> bool {
        matches!(self, Self::Provider(_))
    }

    /// The token for the next request. What a provider throws ends the call: it alone knows why.
    pub(crate) async fn get(&self, call: &Call, force_refresh: bool, until: f64) -> Result<Option<String>, Stop> {
        let provider = match self {
            Self::None => return Ok(None),
            Self::Literal(token) => return Ok(Some(token.clone())),
            Self::Provider(provider) => provider,
        };
        let context = Object::new();
        set(&context, "forceRefresh", &force_refresh.into());
        let given = provider.call1(&JsValue::UNDEFINED, &context).map_err(Stop::Thrown)?;
        match call.settled(promise(&given), until).await? {
            Woken::Settled(token) => text(&token.map_err(Stop::Thrown)?).map(Some),
            Woken::Time | Woken::Nudged => {
                let detail = Some("The token function took longer than requestTimeoutMs.".into());
                Err(Failure { detail, ..Failure::new(Code::RequestTimeout) }.into())
            }
        }
    }
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

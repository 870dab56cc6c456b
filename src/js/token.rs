//! The API key, or where it comes from.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::{Stop, invalid};
use super::options::kind_of;

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
    pub(crate) async fn get(&self, force_refresh: bool) -> Result<Option<String>, Stop> {
        match self {
            Self::None => Ok(None),
            Self::Literal(token) => Ok(Some(token.clone())),
            Self::Provider(provider) => {
                let context = Object::new();
                Reflect::set(&context, &"forceRefresh".into(), &force_refresh.into()).map_err(Stop::Thrown)?;
                let given = provider.call1(&JsValue::UNDEFINED, &context).map_err(Stop::Thrown)?;
                let token = JsFuture::from(Promise::resolve(&given)).await.map_err(Stop::Thrown)?;
                text(&token).map(Some)
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

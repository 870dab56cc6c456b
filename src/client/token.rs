//! The API key of a client, or where each request gets one from.

use std::rc::Rc;

use super::error::Error;
use crate::core::error::Failure;
use crate::web::LocalFuture;

/// Gives the API key for each request.
///
/// ```
/// use extracta_wasm::{Client, Error, LocalFuture, TokenProvider};
///
/// /// Keys that last for an hour.
/// struct Vault;
///
/// impl TokenProvider for Vault {
///     fn token(&self, force_refresh: bool) -> LocalFuture<'_, Result<String, Error>> {
///         Box::pin(async move {
///             let key = fetch_key(force_refresh).await;
///             key.ok_or_else(|| Error::thrown("The vault is closed.".into()))
///         })
///     }
/// }
/// # async fn fetch_key(_anew: bool) -> Option<String> { None }
///
/// # fn main() -> Result<(), Error> {
/// let client = Client::builder().token_provider(Vault).build()?;
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub trait TokenProvider {
    /// The key for the next request: visible ASCII. `force_refresh` after the API refused the last one (401). An error ends the
    /// call.
    fn token(&self, force_refresh: bool) -> LocalFuture<'_, Result<String, Error>>;
}

/// The API key of a client.
#[derive(Clone, Default)]
pub(crate) enum Token {
    /// A proxy adds it.
    #[default]
    None,
    Text(Rc<str>),
    Provider(Rc<dyn TokenProvider>),
}

impl Token {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::None | Self::Provider(_) => None,
        }
    }

    pub(crate) fn into_provider(self) -> Option<Rc<dyn TokenProvider>> {
        match self {
            Self::Provider(provider) => Some(provider),
            Self::None | Self::Text(_) => None,
        }
    }
}

/// Keys are opaque, but a header takes only visible ASCII; anything else is a copying accident.
pub(crate) fn check_token(token: &str) -> Result<(), Box<Failure>> {
    let has = |such: fn(&u8) -> bool| token.as_bytes().iter().any(such);
    let bearer = token.as_bytes().get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"bearer "));
    let got = match () {
        () if token.is_empty() => "an empty string",
        () if bearer => "a string that begins with \"Bearer \", which the client adds itself: leave it out",
        () if has(|byte| matches!(byte, b'\r' | b'\n')) => "a string with a line break, as files end with one: trim it",
        () if has(u8::is_ascii_whitespace) => "a string with spaces: trim it",
        () if has(|byte| !byte.is_ascii_graphic()) => "a string with other characters",
        () => return Ok(()),
    };
    Err(unfit_token(got))
}

/// What is `got` is no token.
pub(crate) fn unfit_token(got: &str) -> Box<Failure> {
    Failure::invalid("token", "a string of visible ASCII characters, or a function that gives one", got)
}

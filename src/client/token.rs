//! The API key of a client, or where each request gets one from.

use std::rc::Rc;

use super::error::Error;
use super::waiter::Failed;
use crate::core::batch::Endpoint;
use crate::core::error::{Code, Failure};
use crate::web::LocalFuture;
use crate::web::timer::{Timer, within};

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

/// The key of the next request from a provider, or why there is none: what the provider threw, too.
pub(super) async fn fresh_token(
    endpoint: Endpoint,
    provider: &dyn TokenProvider,
    renew: bool,
    answer_by: f64,
) -> Result<Rc<str>, Failed> {
    let mut limit = Timer::new(answer_by);
    let failure = match within(&mut limit, provider.token(renew)).await {
        Some(Ok(token)) => match check_token(&token) {
            Ok(()) => return Ok(token.into()),
            Err(failure) => failure,
        },
        Some(Err(error)) => return Err(error.into_parts()),
        None => {
            let detail = Some("The token function took longer than requestTimeoutMs.".into());
            Failure { detail, ..Failure::new(Code::RequestTimeout) }.into()
        }
    };
    Err((Failure { endpoint: Some(endpoint), ..*failure }.into(), None))
}

/// Keys are opaque, but a header takes only visible ASCII; anything else is a copying accident.
pub(crate) fn check_token(token: &str) -> Result<(), Box<Failure>> {
    let has = |such: fn(&u8) -> bool| token.as_bytes().iter().any(such);
    let bearer = token.as_bytes().get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"bearer "));
    let got = match () {
        () if token.is_empty() => "an empty string",
        () if bearer => "a string that begins with \"Bearer \", which the client adds itself: leave it out",
        () if has(|byte| matches!(byte, b'\r' | b'\n')) => {
            "a string with a line break, as at the end of a file: trim it"
        }
        () if has(u8::is_ascii_whitespace) => "a string with spaces: trim it",
        () if has(|byte| !byte.is_ascii_graphic()) => "a string with other characters",
        () => return Ok(()),
    };
    Err(unfit_token(got))
}

/// What is `got` is no token.
pub(crate) fn unfit_token(got: &str) -> Box<Failure> {
    Failure::invalid("token", "a string of visible ASCII characters, or a function that returns one", got)
}

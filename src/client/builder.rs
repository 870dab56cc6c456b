//! The options of a client, for Rust callers.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Object, Reflect};

use super::client::Client;
use super::config::{ClientOptions, Config};
use super::error::Error;
use super::number::milliseconds;
use super::session::{Held, Session};
use super::shared_pacing::SharedPacing;
use super::token::{Token, TokenProvider};
use crate::core::events::Event;

/// The options of a client. Made by [`Client::builder`].
#[derive(Default)]
#[must_use = "call build() for a client"]
pub struct ClientBuilder {
    options: ClientOptions,
    headers: Vec<(String, String)>,
}

impl Client {
    /// The options of a client.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use extracta_wasm::{Client, Error};
    ///
    /// # fn main() -> Result<(), Error> {
    /// let client = Client::builder()
    ///     .base_url("https://proxy.example/extracta")
    ///     .header("x-tenant", "acme")
    ///     .request_timeout(Duration::from_secs(20))
    ///     .on_event(|event| println!("{} {}", event.batch.batch_id, event.kind.name()))
    ///     .build()?;
    /// # drop(client);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl ClientBuilder {
    /// Where the API is: an absolute http(s) URL, or, on a web page, a path such as `/api/extracta`.
    /// Default: `https://api.extracta.ai/api/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.options.base_url = Some(url.into());
        self
    }

    /// The API key: visible ASCII. Leave it out where a proxy of yours adds it: a web page should never hold it.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.options.token = Token::Text(token.into().into());
        self
    }

    /// A provider that is called for the API key before each request, and again after a 401.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.options.token = Token::Provider(Rc::new(provider));
        self
    }

    /// A header that is sent with every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Used in place of the global `fetch`, called as `fetch(url, init)` without `this`.
    pub fn fetch(mut self, fetch: Function) -> Self {
        self.options.fetch = Some(fetch);
        self
    }

    /// Limit of one HTTP attempt, body included. Default: 30 s; at least 1 ms.
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.options.request_timeout_ms = milliseconds(limit).into();
        self
    }

    /// Least time between two requests to an endpoint. Default: 2 s; for extracta.ai at least that.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.options.min_interval_ms = milliseconds(interval).into();
        self
    }

    /// With whom lanes are shared beyond this page, worker or process.
    pub fn shared_pacing(mut self, pacing: impl SharedPacing + 'static) -> Self {
        self.options.shared_pacing = Some(Rc::new(pacing));
        self
    }

    /// Allows a literal token for extracta.ai on a web page, where every visitor can read it. Default: false.
    pub fn allow_token_in_browser(mut self, allow: bool) -> Self {
        self.options.allow_token_in_browser = allow;
        self
    }

    /// Called with each request, response, failure, wait, retry, pause and wake, and with the end of each call.
    pub fn on_event(mut self, observe: impl Fn(&Event<'_>) + 'static) -> Self {
        self.options.on_event = Some(Rc::new(observe));
        self
    }

    /// Checks the options. Does no I/O and starts no timer.
    ///
    /// # Errors
    ///
    /// `INVALID_OPTION` names the option, what is allowed and what came; `BROWSER_TOKEN` means that a literal API key for
    /// extracta.ai is used on a web page. On a platform without JavaScript, options are not checked, and each call fails.
    pub fn build(mut self) -> Result<Client, Error> {
        if cfg!(not(target_arch = "wasm32")) {
            return Ok(Client::new(Held::unsupported()));
        }
        if !self.headers.is_empty() {
            let headers = Object::new().into();
            for (name, value) in &self.headers {
                let _ = Reflect::set(&headers, &name.into(), &value.into());
            }
            self.options.headers = Some(headers);
        }
        Ok(Client::new(Held::new(Session::new(Config::new(self.options)?))))
    }
}

impl fmt::Debug for ClientBuilder {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientBuilder").field("base_url", &self.options.base_url).finish_non_exhaustive()
    }
}

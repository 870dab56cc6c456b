//! A caller's function that gives tokens.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::reader::kind_of_key;
use crate::client::error::Error;
use crate::client::token::{TokenProvider, unfit_token};
use crate::web::LocalFuture;
use crate::web::promise::Settling;
use crate::web::value::set;

pub(super) struct JsTokenProvider(pub(super) Function);

impl TokenProvider for JsTokenProvider {
    fn token(&self, force_refresh: bool) -> LocalFuture<'_, Result<String, Error>> {
        Box::pin(async move {
            let context = Object::new();
            set(&context, "forceRefresh", &force_refresh.into());
            let returned = self.0.call1(&JsValue::UNDEFINED, &context).and_then(|given| Settling::of(&given));
            let given = returned.map_err(Error::thrown)?.await.map_err(Error::thrown)?;
            given.as_string().ok_or_else(|| unfit_token(&kind_of_key(&given)).into())
        })
    }
}

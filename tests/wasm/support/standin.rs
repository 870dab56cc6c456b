//! The way to the stand-in: its address comes from the environment of the compiler, as a test in a browser has no other.

use std::collections::HashMap;

use extracta_wasm::js::client::ExtractaClient;
use js_sys::Promise;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::{IN_VAIN_MS, is_web_page, member, now, object, resolved, sleep, with_members};

/// How far apart the fast stand-in wants requests, and a little.
pub(crate) const FAST_INTERVAL_MS: u32 = 60;

pub(crate) struct Standin {
    url: &'static str,
    min_interval_ms: u32,
}

/// What the stand-in saw of one token at one endpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gaps {
    pub(crate) count: u32,
    pub(crate) smallest_gap_ms: Option<f64>,
    pub(crate) violations: u32,
}

/// One request that arrived there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "all of it is shown where a test fails")]
pub(crate) struct Arrival {
    pub(crate) endpoint: String,
    pub(crate) batch_id: Option<String>,
    pub(crate) arrived_ms: f64,
    pub(crate) http_status: Option<u16>,
    pub(crate) violation: bool,
}

/// One upload that began there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Upload {
    pub(crate) batch_id: Option<String>,
    pub(crate) files: Vec<UploadedFile>,
    pub(crate) is_complete: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadedFile {
    pub(crate) file_name: String,
    pub(crate) bytes: u32,
}

impl Standin {
    /// With the floor of the real API.
    pub(crate) fn real() -> Self {
        let url = option_env!("EXTRACTA_STANDIN_URL")
            .unwrap_or_else(|| panic!("EXTRACTA_STANDIN_URL was not set when this was compiled: run cargo xtask test"));
        Self { url, min_interval_ms: 2_000 }
    }

    /// With a floor of 50 ms.
    pub(crate) fn fast() -> Self {
        let url = option_env!("EXTRACTA_STANDIN_FAST_URL").unwrap_or_else(|| {
            panic!("EXTRACTA_STANDIN_FAST_URL was not set when this was compiled: run cargo xtask test")
        });
        Self { url, min_interval_ms: FAST_INTERVAL_MS }
    }

    pub(crate) fn client(&self, token: &str) -> Result<ExtractaClient, JsValue> {
        ExtractaClient::new(self.options(token))
    }

    pub(crate) fn client_with<const N: usize>(
        &self,
        token: &str,
        more: [(&str, JsValue); N],
    ) -> Result<ExtractaClient, JsValue> {
        ExtractaClient::new(with_members(self.options(token), more))
    }

    fn options(&self, token: &str) -> JsValue {
        object([
            ("token", token.into()),
            ("baseUrl", self.base_url().into()),
            ("minIntervalMs", self.min_interval_ms.into()),
        ])
    }

    pub(crate) fn base_url(&self) -> String {
        format!("{}/api/v1", self.url)
    }

    /// What `token` did, by endpoint. The stand-in logs a request before it answers it: whoever has the answer finds it here.
    pub(crate) async fn gaps(&self, token: &str) -> Result<HashMap<String, Gaps>, JsValue> {
        let value = self.seen("gaps", token).await?;
        Ok(serde_wasm_bindgen::from_value(value)?)
    }

    pub(crate) async fn arrivals(&self, token: &str) -> Result<Vec<Arrival>, JsValue> {
        Ok(serde_wasm_bindgen::from_value(self.seen("log", token).await?)?)
    }

    /// Waits until so many requests of `token` have arrived: one that nobody answers may be on its way for long.
    pub(crate) async fn until_arrived(&self, token: &str, count: usize) -> Result<(), JsValue> {
        let started = now();
        while self.arrivals(token).await?.len() < count {
            assert!(now() - started < f64::from(IN_VAIN_MS), "waited in vain: {count} arrivals");
            sleep(10).await;
        }
        Ok(())
    }

    /// The uploads of `token` that began.
    pub(crate) async fn uploads(&self, token: &str) -> Result<Vec<Upload>, JsValue> {
        Ok(serde_wasm_bindgen::from_value(self.seen("uploads", token).await?)?)
    }

    async fn seen(&self, what: &str, token: &str) -> Result<JsValue, JsValue> {
        let response = fetch(&format!("{}/_standin/{what}?token={token}", self.url), JsValue::UNDEFINED).await?;
        resolved(response.json()?).await
    }

    /// The body that `batch` is answered with, as text, asked for without the client.
    pub(crate) async fn raw(&self, path: &str, token: &str, batch: &JsValue) -> Result<String, JsValue> {
        let headers =
            object([("authorization", format!("Bearer {token}").into()), ("content-type", "application/json".into())]);
        let init = object([("method", "POST".into()), ("headers", headers), ("body", super::stringify(batch).into())]);
        let response = fetch(&format!("{}/{path}", self.base_url()), init).await?;
        Ok(resolved(response.text()?).await?.as_string().unwrap_or_default())
    }
}

/// Whether the browser may send the request for `batch_id` anew by itself. Chromium does when a connection that it had kept
/// open is reset or answers 408. The server is then asked twice at once, and no page can prevent or see it.
pub(crate) fn may_be_sent_anew(batch_id: &str) -> bool {
    let is_sent_anew = matches!(batch_id, "reset" | "reset-then-done" | "http-408" | "http-408-then-done");
    is_sent_anew && is_web_page()
}

async fn fetch(url: &str, init: JsValue) -> Result<Response, JsValue> {
    let fetch = member(&js_sys::global(), "fetch").unchecked_into::<js_sys::Function>();
    let answer: Promise = fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?.unchecked_into();
    Ok(resolved(answer).await?.unchecked_into())
}

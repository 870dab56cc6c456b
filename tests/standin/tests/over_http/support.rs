//! A stand-in of its own for each test, and a client that says little.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use standin::{Config, Server};

pub(crate) const EXTRACTION: &str = "/getBatchResults";
pub(crate) const CLASSIFICATION: &str = "/documentClassification/getResults";

pub(crate) struct TestClient {
    pub(crate) server: Server,
    pub(crate) http: Client,
}

impl TestClient {
    /// Without a floor, so that scripts can be stepped through at once.
    pub(crate) async fn without_floor() -> Self {
        Self::with(Config { floor: Duration::ZERO, ..Config::default() }).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { server: Server::start(config).await.unwrap(), http }
    }

    pub(crate) fn post(&self, endpoint: &str, token: &str, body: &Value) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{endpoint}", self.server.base_url())).bearer_auth(token).json(body)
    }

    pub(crate) async fn poll(&self, endpoint: &str, batch_id: &str) -> Response {
        self.post(endpoint, "T", &ids(endpoint, batch_id)).send().await.unwrap()
    }

    /// The JSON of a poll that is expected to be answered 200.
    pub(crate) async fn ok(&self, endpoint: &str, batch_id: &str) -> Value {
        let response = self.poll(endpoint, batch_id).await;
        assert_eq!(response.status(), 200, "{batch_id}");
        response.json().await.unwrap()
    }

    pub(crate) async fn see(&self, what: &str) -> Value {
        self.http.get(format!("{}/_standin/{what}", self.server.url())).send().await.unwrap().json().await.unwrap()
    }
}

pub(crate) fn ids(endpoint: &str, batch_id: &str) -> Value {
    let id = if endpoint == EXTRACTION { "extractionId" } else { "classificationId" };
    json!({ id: "my-id", "batchId": batch_id })
}

/// The statuses of the files, in order.
pub(crate) fn statuses(reply: &Value) -> Vec<&str> {
    reply["files"].as_array().unwrap().iter().map(|file| file["status"].as_str().unwrap()).collect()
}

//! The 2-second rule is enforced and counted; preflights are neither; the log never shows a token.

use std::time::Duration;

use crate::support::{CLASSIFICATION, EXTRACTION, TestClient, ids};
use serde_json::{Value, json};
use standin::{Config, RetryAfter};

/// Longer than any test takes, so that every second request comes too soon however slow the machine is.
const HOUR: Duration = Duration::from_secs(3600);

async fn with_floor(floor: Duration, retry_after: RetryAfter) -> TestClient {
    TestClient::with(Config { floor, retry_after, ..Config::default() }).await
}

#[tokio::test]
async fn a_request_too_soon_is_refused_logged_and_does_not_advance_the_batch() {
    let client = with_floor(HOUR, RetryAfter::Seconds).await;
    assert_eq!(client.poll(EXTRACTION, "waits-1").await.status(), 200);
    let refused = client.poll(EXTRACTION, "waits-1").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "3600");
    assert_eq!(refused.json::<Value>().await.unwrap(), json!({ "error": "Too many requests" }));
    assert_eq!(client.poll(CLASSIFICATION, "done").await.status(), 200, "the other endpoint has its own lane");
    let other_token = client.post(EXTRACTION, "U", &ids(EXTRACTION, "done")).send().await.unwrap();
    assert_eq!(other_token.status(), 200, "and so has another token");

    let log = client.see("log?token=T").await;
    let seen: Vec<_> =
        log.as_array().unwrap().iter().map(|e| (&e["endpoint"], &e["httpStatus"], &e["violation"])).collect();
    let (extraction, classification) = (json!(EXTRACTION), json!(CLASSIFICATION));
    assert_eq!(
        seen,
        [
            (&extraction, &json!(200), &json!(false)),
            (&extraction, &json!(429), &json!(true)),
            (&classification, &json!(200), &json!(false)),
        ]
    );
    let gaps = client.see("gaps?token=T").await;
    assert_eq!((&gaps[EXTRACTION]["count"], &gaps[EXTRACTION]["violations"]), (&json!(2), &json!(1)));
    let measured = log[1]["arrivedMs"].as_f64().unwrap() - log[0]["arrivedMs"].as_f64().unwrap();
    assert!((gaps[EXTRACTION]["smallestGapMs"].as_f64().unwrap() - measured).abs() < 0.001);
    assert!(gaps[CLASSIFICATION]["smallestGapMs"].is_null());
    assert_eq!(client.see("log?token=nobody").await, json!([]));
}

#[tokio::test]
async fn a_request_after_the_floor_is_answered() {
    let floor = Duration::from_millis(200);
    let client = with_floor(floor, RetryAfter::Seconds).await;
    for batch_id in ["waits-1", "waits-1", "done"] {
        assert_eq!(client.poll(EXTRACTION, batch_id).await.status(), 200);
        tokio::time::sleep(floor + Duration::from_millis(10)).await;
    }
    let gaps = client.see("gaps").await;
    assert_eq!(gaps[EXTRACTION]["violations"], 0);
    assert!(gaps[EXTRACTION]["smallestGapMs"].as_f64().unwrap() >= 200.0);
}

#[tokio::test]
async fn retry_after_is_a_date_or_absent_when_asked_for() {
    for (form, check) in [
        (RetryAfter::Date, (|value| value.is_some_and(|v| v.ends_with(" GMT"))) as fn(Option<&str>) -> bool),
        (RetryAfter::None, |value| value.is_none()),
    ] {
        let client = with_floor(HOUR, form).await;
        client.poll(EXTRACTION, "done").await;
        let refused = client.poll(EXTRACTION, "done").await;
        assert_eq!(refused.status(), 429);
        assert!(check(refused.headers().get("retry-after").map(|value| value.to_str().unwrap())), "{form:?}");
    }
}

#[tokio::test]
async fn refused_tokens_and_unreadable_requests_are_arrivals_too() {
    let client = with_floor(HOUR, RetryAfter::None).await;
    assert_eq!(client.post(EXTRACTION, "expired", &json!({})).send().await.unwrap().status(), 401);
    assert_eq!(client.post(EXTRACTION, "expired", &json!({})).send().await.unwrap().status(), 429);
    assert_eq!(client.post(EXTRACTION, "T", &json!({})).send().await.unwrap().status(), 400);
    assert_eq!(client.poll(EXTRACTION, "done").await.status(), 429);
    assert_eq!(client.see("gaps").await[EXTRACTION]["count"], 4);
}

#[tokio::test]
async fn no_answer_shows_a_token() {
    let client = TestClient::without_floor().await;
    let token = "secret-token-of-this-test";
    let body = json!({ "extractionId": "x", "batchId": "done", "fileId": "-f" });
    client.post(EXTRACTION, token, &body).send().await.unwrap();
    let log = client.see("log").await;
    assert_eq!((&log[0]["batchId"], &log[0]["fileId"]), (&json!("done"), &json!("-f")));
    assert_eq!(log[0]["tokenLabel"], "token-1");
    assert!(!log.to_string().contains(token));
}

#[tokio::test]
async fn a_reset_forgets_one_token_or_all() {
    let client = with_floor(HOUR, RetryAfter::Seconds).await;
    let reset = async |query: &str| {
        let url = format!("{}/_standin/reset{query}", client.server.url());
        assert_eq!(client.http.post(url).send().await.unwrap().status(), 200);
    };
    client.poll(EXTRACTION, "done").await;
    client.post(EXTRACTION, "U", &ids(EXTRACTION, "done")).send().await.unwrap();
    reset("?token=T").await;
    assert_eq!(client.see("log").await.as_array().unwrap().len(), 1);
    assert_eq!(client.poll(EXTRACTION, "done").await.status(), 200, "the lane is forgotten too");
    reset("").await;
    assert_eq!(client.see("log").await, json!([]));
}

#[tokio::test]
async fn a_preflight_is_allowed_and_not_counted() {
    let client = with_floor(HOUR, RetryAfter::Seconds).await;
    let url = format!("{}{EXTRACTION}", client.server.base_url());
    for _ in 0..2 {
        let request = client.http.request(reqwest::Method::OPTIONS, &url).header("origin", "http://page.example");
        let request = request.header("access-control-request-method", "POST");
        let asked = "authorization,content-type,x-anything";
        let allowed = request.header("access-control-request-headers", asked).send().await.unwrap();
        assert_eq!(allowed.status(), 200);
        let header = |name: &str| allowed.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(header("access-control-allow-headers"), asked);
        assert_eq!(header("access-control-allow-methods"), "POST");
        assert_eq!(header("access-control-max-age"), "600");
    }
    assert_eq!(client.see("log").await, json!([]));

    let answers = [client.poll(EXTRACTION, "done").await, client.poll(EXTRACTION, "done").await];
    assert_eq!(answers[1].status(), 429);
    for answer in &answers {
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(answer.headers()["x-standin"], "not the Extracta.ai service");
        assert!(!answer.headers().contains_key("access-control-expose-headers"));
    }
    let open = TestClient::with(Config { expose_retry_after: true, ..Config::default() }).await;
    let answer = open.poll(EXTRACTION, "done").await;
    assert_eq!(answer.headers()["access-control-expose-headers"], "retry-after");
}

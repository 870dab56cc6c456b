//! The replies of both families are the documented ones, and scripts advance by the number of polls.

use std::time::Duration;

use crate::support::{CLASSIFICATION, EXTRACTION, TestClient, ids, statuses};
use serde_json::{Value, json};

#[tokio::test]
async fn a_flaky_batch_comes_to_its_end_with_a_good_answer_in_every_three() {
    let client = TestClient::without_floor().await;
    for number in [1, 2, 3, 40, 50] {
        let (batch_id, mut in_a_row) = (format!("flaky-{number}"), 0);
        for count in 1.. {
            let request = client.post(EXTRACTION, "T", &ids(EXTRACTION, &batch_id)).timeout(Duration::from_secs(3));
            let reply = match request.send().await {
                Ok(answer) if answer.status() == 200 => answer.json::<Value>().await.unwrap_or(Value::Null),
                _ => Value::Null,
            };
            if reply["files"].is_array() {
                assert!((4..=10).contains(&count), "{batch_id} was done after {count} polls");
                break;
            }
            in_a_row = if reply["status"] == "waiting" { 0 } else { in_a_row + 1 };
            assert!(in_a_row <= 2, "{batch_id}");
        }
    }
}

#[tokio::test]
async fn an_extraction_waits_and_is_then_done_without_a_status() {
    let client = TestClient::without_floor().await;
    for _ in 0..2 {
        let waiting = client.ok(EXTRACTION, "waits-2").await;
        assert_eq!(waiting, json!({ "extractionId": "my-id", "batchId": "waits-2", "status": "waiting" }));
    }
    let done = client.ok(EXTRACTION, "waits-2").await;
    assert_eq!(members(&done), ["batchId", "extractionId", "files"]);
    assert_eq!(statuses(&done), ["processed"; 3]);
    for file in done["files"].as_array().unwrap() {
        assert_eq!(members(file), ["fileId", "fileName", "result", "status", "url"]);
        assert!(leaves_are_strings(&file["result"]), "{file}");
    }
}

#[tokio::test]
async fn a_classification_waits_and_is_then_a_success() {
    let client = TestClient::without_floor().await;
    let waiting = client.ok(CLASSIFICATION, "waits-1").await;
    assert_eq!(waiting, json!({ "status": "waiting", "classificationId": "my-id", "batchId": "waits-1" }));
    let done = client.ok(CLASSIFICATION, "waits-1").await;
    assert_eq!(members(&done), ["batchId", "classificationId", "files", "status"]);
    assert_eq!(done["status"], "success");
    assert_eq!(done["files"][0]["result"], json!({ "confidence": 0.9, "documentType": "invoice" }));
}

#[tokio::test]
async fn a_file_id_filters_and_is_echoed() {
    let client = TestClient::without_floor().await;
    for endpoint in [EXTRACTION, CLASSIFICATION] {
        let all = client.ok(endpoint, "done").await;
        let wanted = all["files"][1]["fileId"].clone();
        let mut body = ids(endpoint, "done");
        body["fileId"] = wanted.clone();
        let one: Value = client.post(endpoint, "T", &body).send().await.unwrap().json().await.unwrap();
        assert_eq!(one["fileId"], wanted);
        assert_eq!(one["files"], json!([all["files"][1]]));

        body["batchId"] = json!("forever");
        let waiting: Value = client.post(endpoint, "T", &body).send().await.unwrap().json().await.unwrap();
        assert_eq!(
            waiting.get("fileId"),
            (endpoint == EXTRACTION).then_some(&wanted),
            "only extraction's sample has it"
        );
    }
}

#[tokio::test]
async fn every_error_has_the_style_of_its_family() {
    let client = TestClient::without_floor().await;
    let json_of = async |endpoint, batch_id| {
        let response = client.poll(endpoint, batch_id).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let server_error = json!({ "status": "error", "message": "Internal server error" });
    for endpoint in [EXTRACTION, CLASSIFICATION] {
        assert_eq!(json_of(endpoint, "error-style-error").await, (200, json!({ "error": "Invalid request" })));
        assert_eq!(json_of(endpoint, "error-style-status").await, (200, server_error.clone()));
    }
    assert_eq!(json_of(EXTRACTION, "http-503").await, (503, json!({ "error": "Scripted status 503" })));
    let (status, unknown) = json_of(CLASSIFICATION, "no-such-batch").await;
    assert_eq!((status, &unknown["status"]), (404, &json!("error")));
    assert!(unknown["message"].as_str().unwrap().contains("--help"));
    let (status, unknown) = json_of(EXTRACTION, "demo-inbox").await;
    assert_eq!(status, 404, "{unknown}: a batch of the other family");
}

#[tokio::test]
async fn tokens_and_ids_are_required() {
    let client = TestClient::without_floor().await;
    let body = ids(EXTRACTION, "done");
    for (token, status) in [("invalid", 401), ("expired-1", 401), ("forbidden", 403), ("a_b-c=", 200)] {
        assert_eq!(client.post(EXTRACTION, token, &body).send().await.unwrap().status(), status, "{token}");
    }
    let url = format!("{}{EXTRACTION}", client.server.base_url());
    assert_eq!(client.http.post(&url).json(&body).send().await.unwrap().status(), 401);
    let form = client.http.post(&url).bearer_auth("T").header("content-type", "text/plain").body(body.to_string());
    assert_eq!(form.send().await.unwrap().status(), 400);
    for wrong in [
        json!({ "batchId": "done" }),
        json!({ "extractionId": "x", "batchId": "" }),
        json!({ "extractionId": 1, "batchId": "done" }),
        json!({ "extractionId": "x", "batchId": "done", "fileId": null }),
        json!([]),
    ] {
        let refused = client.post(EXTRACTION, "T", &wrong).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{wrong}");
        assert_eq!(refused.json::<Value>().await.unwrap(), json!({ "error": "Invalid request" }));
    }
}

#[tokio::test]
async fn files_become_final_one_by_one() {
    let client = TestClient::without_floor().await;
    let mut first_names = Vec::new();
    for ready in 1..=5 {
        let reply = client.ok(EXTRACTION, "one-by-one").await;
        assert_eq!(statuses(&reply).iter().filter(|status| **status == "processed").count(), ready);
        first_names.push(reply["files"][0]["fileName"].clone());
    }
    assert_ne!(first_names[0], first_names[1], "the order changes");
    let mixed = client.ok(EXTRACTION, "mixed").await;
    assert_eq!(statuses(&mixed), ["processed", "failed", "processing", "waiting"]);
    let failure = client.ok(CLASSIFICATION, "with-failure").await;
    assert_eq!(statuses(&failure), ["processed", "failed", "processed"]);
    assert!(failure["files"][1]["error"].is_string());
}

#[tokio::test]
async fn what_is_promised_twice_comes_twice_and_then_the_batch_is_done() {
    let client = TestClient::without_floor().await;
    for batch_id in ["empty-object-then-done", "empty-array-then-done", "missing-files-then-done"] {
        for _ in 0..2 {
            let early = client.ok(EXTRACTION, batch_id).await;
            let files = early.get("files").cloned().unwrap_or(Value::Null);
            assert!([json!({}), json!([]), Value::Null].contains(&files), "{early}");
        }
        assert_eq!(statuses(&client.ok(EXTRACTION, batch_id).await).len(), 3, "{batch_id}");
    }
    for (batch_id, status, retry_after) in [
        ("rate-limited", 429, Some("1")),
        ("rate-limited-silent", 429, None),
        ("unavailable-retry-after", 503, Some("1")),
        ("html-502-then-done", 502, None),
        ("http-408-then-done", 408, None),
    ] {
        for _ in 0..2 {
            let early = client.poll(CLASSIFICATION, batch_id).await;
            assert_eq!(early.status(), status, "{batch_id}");
            assert_eq!(early.headers().get("retry-after").map(|value| value.to_str().unwrap()), retry_after);
        }
        client.ok(CLASSIFICATION, batch_id).await;
    }
    let date = client.poll(EXTRACTION, "rate-limited-date").await;
    assert!(date.headers()["retry-after"].to_str().unwrap().ends_with(" GMT"));
}

#[tokio::test]
async fn a_linked_file_can_be_followed() {
    let client = TestClient::without_floor().await;
    for (batch_id, polls) in [("linked", 1), ("demo-inbox", 4)] {
        let mut sorted = Value::Null;
        for _ in 0..polls {
            sorted = client.ok(CLASSIFICATION, batch_id).await;
        }
        let link = sorted["files"][0]["extraction"].clone();
        assert_eq!(members(&link), ["batchId", "extractionId", "fileId"]);
        let follow = async || client.post(EXTRACTION, "T", &link).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(follow().await["status"], "waiting");
        assert_eq!(follow().await["status"], "waiting");
        assert_eq!(follow().await["files"][0]["fileId"], link["fileId"]);
    }
}

#[tokio::test]
async fn tokens_do_not_share_batches() {
    let client = TestClient::without_floor().await;
    let status = async |token| {
        let reply = client.post(EXTRACTION, token, &ids(EXTRACTION, "waits-1")).send().await.unwrap();
        reply.json::<Value>().await.unwrap().get("status").cloned()
    };
    assert_eq!(status("A").await, Some(json!("waiting")));
    assert_eq!(status("B").await, Some(json!("waiting")));
    assert_eq!(status("A").await, None);
    client.http.post(format!("{}/_standin/reset?token=A", client.server.url())).send().await.unwrap();
    assert_eq!(status("A").await, Some(json!("waiting")), "reset starts the script anew");
    assert_eq!(status("B").await, None, "and leaves the other token's alone");
}

#[tokio::test]
async fn the_demo_batches_finish_at_the_fourth_poll() {
    let client = TestClient::without_floor().await;
    for (endpoint, batch_id) in
        [(EXTRACTION, "demo-invoices"), (EXTRACTION, "demo-resumes"), (CLASSIFICATION, "demo-inbox")]
    {
        assert_eq!(client.ok(endpoint, batch_id).await["status"], "waiting");
        let pending = |reply: &Value| statuses(reply).iter().filter(|s| ["waiting", "processing"].contains(s)).count();
        let left = [client.ok(endpoint, batch_id).await, client.ok(endpoint, batch_id).await].map(|r| pending(&r));
        assert!(left[0] > left[1], "{batch_id}: {left:?}");
        let done = client.ok(endpoint, batch_id).await;
        assert_eq!(pending(&done), 0);
        assert!(statuses(&done).contains(&"failed"));
    }
}

#[tokio::test]
async fn odd_shapes_are_odd() {
    let client = TestClient::without_floor().await;
    let files = async |batch_id| client.ok(EXTRACTION, batch_id).await["files"].clone();
    assert_eq!(files("files-object").await.as_object().unwrap().len(), 3);
    assert!(files("files-string").await.is_string());
    assert!(files("files-number").await.is_number());
    assert!(files("file-entry-null").await[1].is_null());
    assert_eq!(files("files-12").await.as_array().unwrap().len(), 12);
    assert_eq!(files("unknown-status").await[1]["status"], "archived");
    let twins = files("duplicate-ids").await;
    assert_eq!(twins[0]["fileId"], twins[1]["fileId"]);
    assert_ne!(twins[0]["fileName"], twins[1]["fileName"]);
    assert!(files("no-file-ids").await[0].get("fileId").is_none());
    let extra = client.ok(EXTRACTION, "extra-members").await;
    assert_eq!(extra["files"][0]["result"]["__proto__"], json!({ "polluted": "yes" }));
    assert_eq!(statuses(&extra), ["processed"; 2], "what is known stays as it was");
    assert!(files("injection").await.to_string().contains("<script>"));
    let huge = client.poll(CLASSIFICATION, "huge").await.bytes().await.unwrap().len();
    assert!((8_000_000..14_000_000).contains(&huge), "{huge}");
}

fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn leaves_are_strings(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().all(leaves_are_strings),
        Value::Array(items) => items.iter().all(leaves_are_strings),
        leaf => leaf.is_string(),
    }
}

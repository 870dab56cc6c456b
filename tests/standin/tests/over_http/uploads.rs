//! Uploads: files arrive whole and make a batch, and go wrong as scripted.

use crate::support::{CLASSIFICATION, EXTRACTION, TestClient};
use serde_json::{Value, json};
use standin::uploads;

/// A form of text fields and files, as browsers write it.
fn form(fields: &[(&str, &str)], files: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, text) in fields {
        form += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    for (name, text) in files {
        form +=
            &format!("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n{text}\r\n");
    }
    form + "--b--\r\n"
}

fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

async fn upload(client: &TestClient, path: &str, form: String) -> reqwest::Result<reqwest::Response> {
    let request = client.http.post(format!("{}{path}", client.server.base_url())).bearer_auth("T");
    request.header("content-type", "multipart/form-data; boundary=b").body(form).send().await
}

#[tokio::test]
async fn files_make_a_batch_whose_results_echo_their_names() {
    let client = TestClient::without_floor().await;
    let files = [("a.pdf", "one"), ("חשבונית %22x%22.pdf", "two")];
    let reply = upload(&client, "/uploadFiles", form(&[("extractionId", "e")], &files)).await.unwrap();
    let reply: Value = reply.json().await.unwrap();
    assert_eq!((&reply["status"], &reply["extractionId"]), (&json!("uploaded"), &json!("e")));
    let body = json!({ "extractionId": "e", "batchId": reply["batchId"] });
    let mut results = Value::Null;
    for _ in 0..4 {
        results = client.post(EXTRACTION, "T", &body).send().await.unwrap().json().await.unwrap();
    }
    let names: Vec<_> = results["files"].as_array().unwrap().iter().map(|file| &file["fileName"]).collect();
    assert_eq!(names, ["a.pdf", "חשבונית \"x\".pdf"]);
    // Whoever has another token has no such batch.
    assert_eq!(client.post(EXTRACTION, "other", &body).send().await.unwrap().status(), 404);

    let seen = client.see("uploads?token=T").await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    let seen = &seen[0];
    assert_eq!((&seen["isComplete"], &seen["files"][0]["bytes"]), (&json!(true), &json!(3)));
    assert_eq!(seen["files"][0]["checksum"], json!(fnv(b"one")));
    assert_eq!(client.see("uploads?token=other").await, json!([]));
}

#[tokio::test]
async fn files_join_a_batch_that_exists_and_no_other() {
    let client = TestClient::without_floor().await;
    let path = "/documentClassification/uploadFiles";
    let file = [("invoice.pdf", "x")];
    let reply: Value =
        upload(&client, path, form(&[("classificationId", "c")], &file)).await.unwrap().json().await.unwrap();
    let batch_id = reply["batchId"].as_str().unwrap();
    let join = |batch_id: &str| form(&[("classificationId", "c"), ("batchId", batch_id)], &file);
    assert_eq!(upload(&client, path, join(batch_id)).await.unwrap().status(), 200);
    assert_eq!(upload(&client, path, join("unknown")).await.unwrap().status(), 404);
    let body = json!({ "classificationId": "c", "batchId": batch_id });
    let mut results = Value::Null;
    for _ in 0..4 {
        results = client.post(CLASSIFICATION, "T", &body).send().await.unwrap().json().await.unwrap();
    }
    assert_eq!(results["files"].as_array().unwrap().len(), 2);
    assert_eq!(results["files"][1]["result"]["documentType"], "invoice");
}

#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let client = TestClient::without_floor().await;
    for wrong in [
        form(&[], &[("a.pdf", "x")]),
        form(&[("extractionId", "e")], &[]),
        form(&[("extractionId", "")], &[("a.pdf", "x")]),
        form(&[("extractionId", "e"), ("other", "1")], &[("a.pdf", "x")]),
        form(&[("extractionId", "e"), ("files", "no file")], &[]),
    ] {
        assert_eq!(upload(&client, "/uploadFiles", wrong).await.unwrap().status(), 400);
    }
    // As many write it by hand: JSON, or a form without its boundary.
    assert_eq!(client.post("/uploadFiles", "T", &json!({})).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn failures_are_scripted_by_the_template() {
    let client = TestClient::without_floor().await;
    for (id, status) in
        [("upload-http-401", 401), ("upload-http-413", 413), ("upload-error", 200), ("upload-html", 200)]
    {
        let form = form(&[("extractionId", id)], &[("a.pdf", "x")]);
        assert_eq!(upload(&client, "/uploadFiles", form).await.unwrap().status(), status, "{id}");
    }
    let form = |id| form(&[("extractionId", id)], &[("a.pdf", "x")]);
    let nameless: Value = upload(&client, "/uploadFiles", form("upload-no-batch")).await.unwrap().json().await.unwrap();
    assert_eq!(nameless.get("batchId"), None);
    for id in ["upload-cut", "upload-cut-reply"] {
        assert!(upload(&client, "/uploadFiles", form(id)).await.is_err(), "{id}");
    }
    assert_eq!(client.see("uploads").await.as_array().unwrap().len(), 7, "each is counted");
    assert!(uploads::TABLE.len() >= 8);
}

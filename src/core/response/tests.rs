use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NO_SECRET: &dyn Fn() -> Option<String> = &|| None;

fn outcome(reply: Value) -> Outcome {
    read(&&reply, OnUnknownStatus::Wait, NO_SECRET).unwrap().outcome
}

fn failure(reply: Value) -> Failure {
    *read(&&reply, OnUnknownStatus::Wait, NO_SECRET).unwrap_err()
}

#[test]
fn a_finished_extraction_has_no_status_of_its_own() {
    let reply = json!({ "extractionId": "e", "batchId": "b", "files": [
        { "fileName": "File 2.png", "status": "processed", "result": { "name": "N" }, "url": "u" } ] });
    let reading = read(&&reply, OnUnknownStatus::Wait, NO_SECRET).unwrap();
    assert_eq!(reading.outcome, Outcome::Done);
    assert_eq!(reading.counts, Counts { total: 1, processed: 1, failed: 0, pending: 0 });
}

#[test]
fn a_finished_classification_says_success() {
    let file =
        json!({ "fileId": "f", "status": "processed", "result": { "confidence": 0.9, "documentType": "invoice" } });
    assert_eq!(outcome(json!({ "status": "success", "classificationId": "c", "files": [file] })), Outcome::Done);
}

#[test]
fn waiting_is_waiting_whatever_the_files_say() {
    assert_eq!(outcome(json!({ "extractionId": "e", "batchId": "b", "status": "waiting" })), Outcome::Waiting);
    assert_eq!(outcome(json!({ "status": "waiting", "files": [{ "status": "processed" }] })), Outcome::Waiting);
}

#[test]
fn missing_null_and_empty_files_mean_not_yet() {
    for reply in [
        json!({}),
        json!({ "status": "success" }),
        json!({ "files": null }),
        json!({ "files": [] }),
        json!({ "files": {} }),
        json!({ "status": "failed", "files": [] }),
    ] {
        assert_eq!(outcome(reply.clone()), Outcome::NoFiles, "{reply}");
    }
}

#[test]
fn some_files_finished_is_not_done() {
    let reply = json!({ "files": [{ "status": "processed" }, { "status": "processing" }, { "status": "waiting" }] });
    let reading = read(&&reply, OnUnknownStatus::Wait, NO_SECRET).unwrap();
    assert_eq!(reading.outcome, Outcome::Partial);
    assert_eq!(reading.counts, Counts { total: 3, processed: 1, failed: 0, pending: 2 });
}

#[test]
fn a_failed_file_is_data() {
    let reply = json!({ "files": [{ "status": "failed", "error": "unreadable" }, { "status": "processed" }] });
    let reading = read(&&reply, OnUnknownStatus::Wait, NO_SECRET).unwrap();
    assert_eq!((reading.outcome, reading.counts.failed), (Outcome::Done, 1));
}

#[test]
fn files_keyed_by_id_are_read_as_their_values() {
    assert_eq!(outcome(json!({ "files": { "a": { "status": "processed" } } })), Outcome::Done);
    assert_eq!(outcome(json!({ "files": { "a": { "status": "waiting" } } })), Outcome::Partial);
}

#[test]
fn an_unknown_status_follows_the_option() {
    for status in [json!("archived"), json!(7), Value::Null] {
        let reply = json!({ "files": [{ "status": status }, { "status": "processed" }] });
        let with = |unknown| read(&&reply, unknown, NO_SECRET);
        assert_eq!(with(OnUnknownStatus::Wait).unwrap().outcome, Outcome::UnknownStatus);
        assert_eq!(with(OnUnknownStatus::Done).unwrap().outcome, Outcome::Done);
        assert_eq!(with(OnUnknownStatus::Throw).unwrap_err().code, Code::UnknownStatus);
    }
}

#[test]
fn both_error_styles_are_read_with_their_words() {
    let refused = failure(json!({ "error": "Invalid request" }));
    assert_eq!((refused.code, refused.server_message.as_deref()), (Code::ApiError, Some("Invalid request")));
    let nested = failure(json!({ "error": { "message": "Bad id" }, "files": [{ "status": "processed" }] }));
    assert_eq!((nested.code, nested.server_message.as_deref()), (Code::ApiError, Some("Bad id")));
    let failed = failure(json!({ "status": "error", "message": "Internal server error" }));
    assert_eq!((failed.code, failed.server_message.as_deref()), (Code::Server, Some("Internal server error")));
}

#[test]
fn an_error_that_says_nothing_is_none() {
    for error in [Value::Null, json!(""), json!(false), json!(0)] {
        assert_eq!(outcome(json!({ "error": error, "files": [{ "status": "processed" }] })), Outcome::Done);
    }
}

#[test]
fn what_is_no_json_object_is_distinguished_from_an_impossible_one() {
    for body in [json!([]), json!("waiting"), Value::Null, json!(3)] {
        assert_eq!(failure(body.clone()).code, Code::NotJson, "{body}");
    }
    for reply in [
        json!({ "files": "none" }),
        json!({ "files": 3 }),
        json!({ "files": [null] }),
        json!({ "files": ["f"] }),
        json!({ "status": 3 }),
        json!({ "status": {} }),
    ] {
        assert_eq!(failure(reply.clone()).code, Code::UnexpectedReply, "{reply}");
    }
}

#[test]
fn each_status_is_said_to_be_final_or_not() {
    let reply = json!({ "files": [{ "status": "processed" }, { "status": "waiting" }, { "status": "failed" }, {}] });
    let finals = |unknown| read(&&reply, unknown, NO_SECRET).unwrap().finals;
    assert_eq!(finals(OnUnknownStatus::Wait), [1, 0, 1, 0]);
    assert_eq!(finals(OnUnknownStatus::Done), [1, 0, 1, 1]);
}

/// Any JSON, with the names that matter made likely.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("waiting".to_string()),
        Just("processed".into()),
        Just("failed".into()),
        Just("error".into()),
        Just("success".into()),
        ".{0,8}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![
            Just("status".to_string()),
            Just("files".into()),
            Just("error".into()),
            Just("message".into()),
            Just("fileId".into()),
            ".{0,4}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn done_is_said_only_of_what_the_contract_calls_done(reply in any_json()) {
        if let Ok(Reading { outcome: Outcome::Done, counts, finals }) = read(&&reply, OnUnknownStatus::Wait, NO_SECRET) {
            let files: Vec<Value> = match reply.get("files").unwrap() {
                Value::Array(files) => files.clone(),
                files => files.as_object().unwrap().values().cloned().collect(),
            };
            prop_assert!(!files.is_empty());
            prop_assert!(files.iter().all(|file| file["status"] == "processed" || file["status"] == "failed"));
            prop_assert!(reply["status"] != "waiting" && reply["status"] != "error");
            prop_assert_eq!(counts.total as usize, files.len());
            prop_assert_eq!(finals, vec![1; files.len()]);
        }
    }

    #[test]
    fn counts_add_up(reply in any_json()) {
        for unknown in [OnUnknownStatus::Wait, OnUnknownStatus::Done, OnUnknownStatus::Throw] {
            if let Ok(Reading { counts, finals, .. }) = read(&&reply, unknown, NO_SECRET) {
                prop_assert_eq!(counts.total, counts.processed + counts.failed + counts.pending);
                prop_assert_eq!(finals.iter().map(|one| u32::from(*one)).sum::<u32>(), counts.processed + counts.failed);
            }
        }
    }
}

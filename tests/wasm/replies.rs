//! What each reply means, asked for once: the stand-in plays every shape that the API is known or feared to answer with.

use std::collections::HashMap;

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{Object, Promise, Reflect};
use support::fake_fetch::{FakeFetch, json};
use support::standin::{Standin, may_be_sent_anew};
use support::{
    Failure, Tested, UNDEFINED, classification, extraction, failure, is_same, is_web_page, member, object, own_name,
    parse, rejected, resolved, results, stringify, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Both kinds of batch, each with the method that asks for it and the path it asks.
type Kind = (&'static str, fn(&str) -> JsValue, fn(&ExtractaClient, JsValue, JsValue) -> Promise);

const KINDS: [Kind; 2] = [
    ("getBatchResults", extraction, |client, batch, options| client.get_batch_results(batch, options)),
    ("documentClassification/getResults", classification, |client, batch, options| {
        client.get_classification_results(batch, options)
    }),
];

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_batch_is_done_when_there_are_files_and_all_are_final() -> Tested {
    let standin = Standin::fast();
    let token = own_name("states");
    let client = standin.client(&token)?;
    let (processed, pending) = ("processed", "waiting");
    for (batch, done, statuses) in [
        ("done", true, vec![processed; 3]),
        ("waits-1", false, vec![]),
        ("forever", false, vec![]),
        ("mixed", false, vec![processed, "failed", "processing", pending]),
        ("one-by-one", false, vec!["processing", pending, pending, pending, processed]),
        ("with-failure", true, vec![processed, "failed", processed]),
        ("files-1", true, vec![processed]),
        ("files-0", false, vec![]),
        ("unknown-status", false, vec![processed, "archived"]),
        ("empty-object-then-done", false, vec![]),
        ("empty-array-then-done", false, vec![]),
        ("missing-files-then-done", false, vec![]),
        ("duplicate-ids", true, vec![processed; 3]),
        ("no-file-ids", true, vec![processed; 3]),
        ("bom", true, vec![processed; 3]),
        ("slow-bytes", true, vec![processed; 3]),
    ] {
        for (path, of, get) in KINDS {
            let results = results(get(&client, of(batch), UNDEFINED)).await?;
            assert_eq!((results.done, results.statuses()), (done, statuses.clone()), "{path} {batch}: {results:?}");
            assert_eq!(results.batch_id.as_deref(), Some(batch));
            let ids = (results.extraction_id.as_deref(), results.classification_id.as_deref());
            let expected =
                if path == "getBatchResults" { (Some("-extraction"), None) } else { (None, Some("-classification")) };
            assert_eq!(ids, expected);
        }
    }
    for (_, gaps) in standin.gaps(&token).await? {
        assert_eq!((gaps.count, gaps.violations), (16, 0));
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_waiting_batch_keeps_its_status_and_a_failed_file_says_why() -> Tested {
    let client = Standin::fast().client(&own_name("members"))?;
    let waiting = results(client.get_batch_results(extraction("forever"), UNDEFINED)).await?;
    assert_eq!(waiting.status.as_deref(), Some("waiting"));
    let finished = results(client.get_classification_results(classification("done"), UNDEFINED)).await?;
    assert_eq!(finished.status.as_deref(), Some("success"));
    let failed = results(client.get_batch_results(extraction("with-failure"), UNDEFINED)).await?;
    let errors: Vec<_> = failed.files.iter().map(|file| file.error.as_deref()).collect();
    assert_eq!(errors, [None, Some("The file could not be read"), None]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn one_file_of_a_batch_can_be_asked_for() -> Tested {
    let client = Standin::fast().client(&own_name("one-file"))?;
    let batch = with_members(extraction("done"), [("fileId", "-standin-file-000002".into())]);
    let results = results(client.get_batch_results(batch, UNDEFINED)).await?;
    assert_eq!(results.file_id.as_deref(), Some("-standin-file-000002"));
    assert_eq!(results.file_ids(), ["-standin-file-000002"]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn files_keyed_by_id_become_a_list_that_knows_its_ids() -> Tested {
    let client = Standin::fast().client(&own_name("keyed"))?;
    for (_, of, get) in KINDS {
        let results = results(get(&client, of("files-object"), UNDEFINED)).await?;
        assert!(results.done);
        assert_eq!(results.file_ids(), ["-standin-file-000001", "-standin-file-000002", "-standin-file-000003"]);
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn files_that_share_an_id_or_have_none_all_stay() -> Tested {
    let client = Standin::fast().client(&own_name("ids"))?;
    let shared = results(client.get_batch_results(extraction("duplicate-ids"), UNDEFINED)).await?;
    assert_eq!(shared.file_ids(), ["-standin-file-000001", "-standin-file-000001", "-standin-file-000003"]);
    let names: Vec<_> = shared.files.iter().filter_map(|file| file.file_name.as_deref()).collect();
    assert_eq!(names, ["File 1.pdf", "File 2.pdf", "File 3.pdf"]);
    let unnamed = results(client.get_batch_results(extraction("no-file-ids"), UNDEFINED)).await?;
    assert_eq!(unnamed.file_ids(), ["none"; 3]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn members_nobody_announced_are_untouched_and_pollute_nothing() -> Tested {
    let standin = Standin::fast();
    let client = standin.client(&own_name("extra"))?;
    for (path, of, get) in KINDS {
        for batch in ["extra-members", "injection"] {
            let sent = parse(&standin.raw(path, &own_name("raw"), &of(batch)).await?);
            let results = resolved(get(&client, of(batch), UNDEFINED)).await?;
            assert_eq!(member(&results, "done"), true);
            // Own members only, `__proto__` and `constructor` among them, in the order they were sent.
            assert_eq!(stringify(&results), stringify(&with_members(sent, [("done", true.into())])), "{path} {batch}");
            assert!(batch != "extra-members" || stringify(&results).contains(r#""__proto__":{"polluted":"yes"}"#));
            assert!(member(&Object::new(), "polluted").is_undefined());
        }
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn the_results_are_the_parsed_reply_itself() -> Tested {
    let reply = parse(r#"{"files":[{"status":"processed"}]}"#);
    let files = member(&reply, "files");
    let response = {
        let reply = reply.clone();
        let parsed = Closure::<dyn FnMut() -> Promise>::new(move || Promise::resolve(&reply)).into_js_value();
        object([("status", 200.into()), ("json", parsed)])
    };
    let fake = FakeFetch::new(move |_| Promise::resolve(&response));
    let results = resolved(fake.client()?.get_batch_results(extraction("b"), UNDEFINED)).await?;
    assert!(is_same(&results, &reply) && is_same(&member(&results, "files"), &files));
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_reply_that_is_no_result_rejects_with_its_own_code() -> Tested {
    let client = Standin::fast().client(&own_name("errors"))?;
    // Batch, code, whether a later try may help, HTTP status, the server's words.
    for (batch, code, retryable, http_status, words) in [
        ("files-string", "UNEXPECTED_REPLY", false, Some(200), None),
        ("files-number", "UNEXPECTED_REPLY", false, Some(200), None),
        ("file-entry-null", "UNEXPECTED_REPLY", false, Some(200), None),
        ("error-style-error", "API_ERROR", false, Some(200), Some("Invalid request")),
        ("error-style-status", "SERVER", true, Some(200), Some("Internal server error")),
        ("html-502", "SERVER", true, Some(502), None),
        ("html-200", "NOT_JSON", true, Some(200), None),
        ("empty-body", "NOT_JSON", true, Some(200), None),
        ("truncated-json", "NOT_JSON", true, Some(200), None),
        ("text-body", "NOT_JSON", true, Some(200), None),
        ("array-body", "NOT_JSON", true, Some(200), None),
        ("null-body", "NOT_JSON", true, Some(200), None),
        ("reset", "NETWORK", true, None, None),
        ("reset-in-body", "NETWORK", true, Some(200), None),
        ("cut-body", "NETWORK", true, Some(200), None),
    ] {
        if may_be_sent_anew(batch) {
            continue;
        }
        for (path, of, get) in KINDS {
            let failure = failure(get(&client, of(batch), UNDEFINED)).await;
            let seen =
                (failure.code.as_str(), failure.retryable, failure.http_status, failure.server_message.as_deref());
            assert_eq!(seen, (code, retryable, http_status, words), "{path} {batch}: {failure:?}");
            assert_eq!((failure.endpoint.as_deref(), failure.attempts), (Some(path), Some(1)), "{batch}: {failure:?}");
            assert!(failure.message.starts_with(path), "{failure:?}");
            assert_eq!(failure.cause.is_instance_of::<js_sys::Error>(), code == "NETWORK", "{batch}: {failure:?}");
        }
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn an_http_status_that_refuses_rejects_with_the_code_it_stands_for() -> Tested {
    let client = Standin::fast().client(&own_name("statuses"))?;
    let codes = HashMap::from([
        (400, ("BAD_REQUEST", false)),
        (401, ("UNAUTHENTICATED", false)),
        (403, ("FORBIDDEN", false)),
        (404, ("NOT_FOUND", false)),
        (408, ("SERVER", true)),
        (409, ("BAD_REQUEST", false)),
        (422, ("BAD_REQUEST", false)),
        (425, ("SERVER", true)),
        (500, ("SERVER", true)),
        (501, ("BAD_REQUEST", false)),
        (503, ("SERVER", true)),
        (505, ("BAD_REQUEST", false)),
    ]);
    for (status, (code, retryable)) in codes {
        if may_be_sent_anew(&format!("http-{status}")) {
            continue;
        }
        for (path, of, get) in KINDS {
            let failure = failure(get(&client, of(&format!("http-{status}")), UNDEFINED)).await;
            assert_eq!((failure.code.as_str(), failure.retryable), (code, retryable), "{path} {status}: {failure:?}");
            assert_eq!(failure.http_status, Some(status));
            let words = format!("Scripted status {status}");
            assert_eq!(failure.server_message.as_deref(), Some(words.as_str()));
            assert!(failure.message.contains(&format!("HTTP {status}")) && failure.message.contains(&words));
        }
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_refusal_tells_how_long_to_stay_away_where_that_can_be_read() -> Tested {
    let standin = Standin::fast();
    let refused = async |batch| -> Result<Failure, JsValue> {
        let client = standin.client(&own_name("refused"))?;
        Ok(failure(client.get_batch_results(extraction(batch), UNDEFINED)).await)
    };
    let limited = refused("rate-limited").await?;
    assert_eq!((limited.code.as_str(), limited.retryable, limited.http_status), ("RATE_LIMITED", true, Some(429)));
    // Browsers hide the header from pages unless the server exposes it.
    assert_eq!(limited.retry_after_ms, (!is_web_page()).then_some(1_000.0));
    assert_eq!(refused("rate-limited-silent").await?.retry_after_ms, None);
    assert_eq!(refused("unavailable-retry-after").await?.retry_after_ms, (!is_web_page()).then_some(1_000.0));
    let dated = refused("rate-limited-date").await?.retry_after_ms;
    assert!(if is_web_page() { dated.is_none() } else { dated.is_some_and(|ms| ms <= 2_000.0) }, "{dated:?}");
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_redirect_is_refused_and_the_token_goes_nowhere_else() -> Tested {
    let standin = Standin::fast();
    let token = own_name("redirect");
    let failure = failure(standin.client(&token)?.get_batch_results(extraction("redirect"), UNDEFINED)).await;
    assert_eq!(failure.code, "BAD_REQUEST");
    assert!(failure.message.contains("baseUrl"), "{failure:?}");
    let arrivals = standin.arrivals(&token).await?;
    assert_eq!(arrivals.iter().map(|arrival| arrival.endpoint.as_str()).collect::<Vec<_>>(), ["/getBatchResults"]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn an_attempt_that_takes_too_long_is_given_up_before_or_within_the_body() -> Tested {
    let client = Standin::fast().client(&own_name("slow"))?;
    for batch in ["never-answers", "never-ends-body"] {
        // Long enough to arrive: one that does so after it was given up may come together with the next.
        let options = object([("requestTimeoutMs", 2_500.into())]);
        let failure = failure(client.get_batch_results(extraction(batch), options)).await;
        assert_eq!((failure.code.as_str(), failure.retryable), ("REQUEST_TIMEOUT", true), "{batch}: {failure:?}");
        assert!(failure.elapsed_ms.is_some_and(|ms| ms >= 2_500.0), "{batch}: {failure:?}");
    }
    assert!(results(client.get_batch_results(extraction("slow-headers"), UNDEFINED)).await?.done);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn ten_thousand_files_come_whole() -> Tested {
    let client = Standin::fast().client(&own_name("huge"))?;
    let results = results(client.get_batch_results(extraction("huge"), UNDEFINED)).await?;
    assert!(results.done && results.files.len() == 10_000);
    Ok(())
}

#[wasm_bindgen_test]
async fn the_servers_words_are_one_line_of_at_most_200_characters() -> Tested {
    let body = format!(r#"{{"message":"one\ntwo {}"}}"#, "x".repeat(900));
    let fake = FakeFetch::new(move |_| json(400, &body));
    let error = rejected(fake.client()?.get_batch_results(extraction("b"), UNDEFINED)).await;
    let failure = Failure::of(&error);
    let words = failure.server_message.unwrap_or_default();
    assert!(words.starts_with("one two xxx") && words.len() == 200, "{words}");
    assert!(Reflect::get(&error, &"stack".into())?.is_string(), "an Error like any other");
    Ok(())
}

//! What callers may pass in: every wrong value is reported by name, before anything is sent.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{Array, Function, Object, Promise, Reflect};
use support::fake_fetch::{DONE, FakeFetch, json};
use support::{
    Failure, Tested, UNDEFINED, client, extraction, failure, is_same, is_web_page, object, one_macrotask, parse,
    rejected, resolved, stringify, throwing, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// A bad value, how the error calls it, and what it says is allowed.
type Bad = (&'static str, JsValue, &'static str, &'static str);

fn text(text: &str) -> JsValue {
    text.into()
}

fn function() -> JsValue {
    Function::new_no_args("").into()
}

fn list() -> JsValue {
    Array::new().into()
}

fn nothing() -> JsValue {
    Object::new().into()
}

/// The error names the option, what is allowed and what came: the number, unless it may be a key, or the type of anything else.
fn assert_refused(failure: &Failure, (option, value, got, allowed): &Bad) {
    let context = format!("{option}: {value:?}: {failure:?}");
    assert_eq!(failure.code, "INVALID_OPTION", "{context}");
    assert_eq!(failure.option.as_deref(), Some(*option), "{context}");
    assert!(!failure.retryable, "{context}");
    assert!(failure.message.starts_with(&format!("{option} must be ")), "{context}");
    assert!(failure.message.contains(&format!("; got {got}.")), "{context}");
    assert!(failure.message.contains(allowed), "{context}");
    if let Some(text) = value.as_string().filter(|text| !text.is_empty()) {
        assert!(!failure.message.contains(&text), "the value itself may be a secret: {context}");
    }
}

fn refusal_of_client(options: JsValue) -> Failure {
    match ExtractaClient::new(options) {
        Ok(_) => Failure::of(&text("a client, although an error was expected")),
        Err(error) => Failure::of(&error),
    }
}

fn no_object() -> Vec<(JsValue, &'static str)> {
    vec![
        (JsValue::NULL, "null"),
        (3.into(), "3"),
        (text("secret"), "a string"),
        (list(), "an array"),
        (true.into(), "a boolean"),
    ]
}

fn bad_durations(name: &'static str, least: &'static str) -> Vec<Bad> {
    vec![
        (name, (-1).into(), "-1", least),
        (name, f64::NAN.into(), "NaN", least),
        (name, text("1000"), "a string", "milliseconds"),
        (name, JsValue::NULL, "null", "milliseconds"),
        (name, JsValue::bigint_from_str("5000"), "a value of another type", "milliseconds"),
        (name, nothing(), "an object", "milliseconds"),
    ]
}

#[wasm_bindgen_test]
fn a_bad_option_of_a_client_is_told_by_name() {
    let mut cases = vec![
        // A key written as a number is as secret as a text.
        ("token", 5.into(), "a number", "visible ASCII"),
        ("token", text(""), "an empty string", "visible ASCII"),
        (
            "token",
            text("key with\nline"),
            "a string with a line break, as at the end of a file: trim it",
            "visible ASCII",
        ),
        ("token", text("schlüssel"), "a string with other characters", "visible ASCII"),
        ("token", JsValue::NULL, "null", "visible ASCII"),
        ("baseUrl", 7.into(), "7", "absolute http(s) URL"),
        ("baseUrl", JsValue::NULL, "null", "absolute http(s) URL"),
        ("baseUrl", text("ftp://api.test/v1"), "a URL of another scheme", "http(s)"),
        ("baseUrl", text("http://me:pass@api.test/v1"), "a URL with user or password", "without user"),
        ("baseUrl", text("http://api.test/v1?key=1"), "a URL with query or fragment", "query"),
        ("baseUrl", text("http://api.test/v1#top"), "a URL with query or fragment", "fragment"),
        ("fetch", text("globalThis.fetch"), "a string", "a function"),
        ("fetch", nothing(), "an object", "a function"),
        ("headers", 3.into(), "a number", "an object of header names"),
        ("headers", function(), "a function", "an object of header names"),
        ("headers", object([("bad name", text("x"))]), "names or values that no header can have", "header names"),
        ("headers", object([("x-a", text("a\nb"))]), "names or values that no header can have", "header names"),
        ("requestTimeoutMs", 0.into(), "0", "at least 1"),
        ("requestTimeoutMs", f64::INFINITY.into(), "Infinity", "finite"),
        ("minIntervalMs", f64::INFINITY.into(), "Infinity", "finite"),
        ("onEvent", true.into(), "a boolean", "a function"),
        ("sharePacing", text("tabs"), "a string", "an object with the functions"),
        ("sharePacing", true.into(), "a boolean", "reserve and hold"),
        ("sharePacing", JsValue::NULL, "null", "reserve and hold"),
        ("sharePacing", object([("reserve", function())]), "an object", "reserve and hold"),
    ];
    cases.extend(bad_durations("requestTimeoutMs", "at least 1"));
    cases.extend(bad_durations("minIntervalMs", "at least 0"));
    for bad in cases {
        // An address of one's own, where no rule of extracta.ai adds to the option's.
        let options = object([("baseUrl", text("http://api.test/v1"))]);
        assert_refused(&refusal_of_client(with_members(options, [(bad.0, bad.1.clone())])), &bad);
    }
    for (value, got) in no_object() {
        assert_refused(&refusal_of_client(value.clone()), &("options", value, got, "an object"));
    }
}

#[wasm_bindgen_test]
fn a_bad_allow_token_in_browser_is_told_by_name_wherever_the_client_runs() {
    let bad = ("allowTokenInBrowser", text("yes"), "a string", "true or false");
    assert_refused(&refusal_of_client(object([(bad.0, bad.1.clone())])), &bad);
    let with_token = object([("token", text("own-key")), (bad.0, bad.1.clone())]);
    assert_refused(&refusal_of_client(with_token), &bad);
}

#[wasm_bindgen_test]
fn extracta_is_never_asked_more_often_than_every_two_seconds() -> Tested {
    for base_url in [
        "https://api.extracta.ai/api/v1",
        "https://extracta.ai/x",
        "https://API.EXTRACTA.AI",
        "https://api.extracta.ai./",
    ] {
        let options = |ms: u32| object([("baseUrl", text(base_url)), ("minIntervalMs", ms.into())]);
        let bad = ("minIntervalMs", 1_999.into(), "1999", "at least 2000");
        assert_refused(&refusal_of_client(options(1_999)), &bad);
        ExtractaClient::new(options(2_000))?;
    }
    assert_refused(
        &refusal_of_client(object([("minIntervalMs", 0.into())])),
        &("minIntervalMs", 0.into(), "0", "at least 2000"),
    );
    client([("baseUrl", text("https://not-extracta.ai/api/v1")), ("minIntervalMs", 0.into())])?;
    Ok(())
}

#[wasm_bindgen_test]
fn a_literal_key_for_extracta_is_refused_on_a_web_page_and_nowhere_else() -> Tested {
    if is_web_page() {
        let failure = refusal_of_client(object([("token", text("own-key"))]));
        assert_eq!((failure.code.as_str(), failure.option.as_deref()), ("BROWSER_TOKEN", Some("token")));
        assert!(failure.message.contains("baseUrl") && !failure.message.contains("own-key"), "{failure:?}");
    } else {
        client([("token", text("own-key"))])?;
    }
    client([("token", text("own-key")), ("allowTokenInBrowser", true.into())])?;
    client([("token", text("own-key")), ("baseUrl", text("https://proxy.test/extracta"))])?;
    client([("token", function())])?;
    Ok(())
}

#[wasm_bindgen_test]
fn authorization_comes_from_the_token_or_from_headers_but_not_from_both() -> Tested {
    let headers = || object([("Authorization", text("Bearer mine"))]);
    let options = object([("baseUrl", text("http://api.test/v1")), ("headers", headers()), ("token", text("other"))]);
    let failure = refusal_of_client(options);
    assert_eq!((failure.code.as_str(), failure.option.as_deref()), ("INVALID_OPTION", Some("headers")));
    assert!(!failure.message.contains("mine") && !failure.message.contains("other"), "{failure:?}");
    client([("baseUrl", text("http://api.test/v1")), ("headers", headers())])?;
    Ok(())
}

type Method = fn(&ExtractaClient, JsValue, JsValue) -> Promise;

const METHODS: [(&str, Method); 3] = [
    ("extractionId", |client, batch, options| client.get_batch_results(batch, options)),
    ("classificationId", |client, batch, options| client.get_classification_results(batch, options)),
    ("extractionId", |client, batch, options| client.poll_until_done(batch, options)),
];

#[wasm_bindgen_test]
async fn a_bad_batch_is_told_by_name_and_nothing_is_sent() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    for (template, method) in METHODS {
        let batch = |members: &str| parse(&members.replace("template", template));
        let id = "a string that is not empty";
        let mut cases = vec![
            ("batch", UNDEFINED, "undefined", "an object"),
            (
                "batch",
                parse(r#"{"extractionId":"e","classificationId":"c","batchId":"b"}"#),
                "both",
                "an object with either",
            ),
            ("batchId", batch(r#"{"template":"t"}"#), "undefined", id),
            ("batchId", batch(r#"{"template":"t","batchId":""}"#), "an empty string", id),
            ("batchId", batch(r#"{"template":"t","batchId":5}"#), "5", id),
            ("batchId", batch(r#"{"template":"t","batchId":null}"#), "null", id),
            (template, batch(r#"{"template":"","batchId":"b"}"#), "an empty string", id),
            (template, batch(r#"{"template":["t"],"batchId":"b"}"#), "an array", id),
            ("fileId", batch(r#"{"template":"t","batchId":"b","fileId":""}"#), "an empty string", id),
            ("fileId", batch(r#"{"template":"t","batchId":"b","fileId":7}"#), "7", id),
        ];
        cases.extend(no_object().into_iter().map(|(value, got)| ("batch", value, got, "an object")));
        for bad in cases {
            assert_refused(&failure(method(&client, bad.1.clone(), UNDEFINED)).await, &bad);
        }
    }
    for (template, method) in METHODS {
        let of_other_kind = if template == "extractionId" { "classificationId" } else { "extractionId" };
        let batch = object([(of_other_kind, text("t")), ("batchId", text("b"))]);
        let outcome = rejected_or_done(method(&client, batch, UNDEFINED)).await;
        // A poll takes both kinds.
        if let Some(error) = outcome {
            let failure = Failure::of(&error);
            assert_eq!((failure.code.as_str(), failure.option.as_deref()), ("INVALID_OPTION", Some("batch")));
            assert!(failure.message.contains(template) && failure.message.contains(of_other_kind), "{failure:?}");
        }
    }
    one_macrotask().await;
    assert_eq!(fake.count(), 1, "only the poll of the other kind was sent");
    Ok(())
}

async fn rejected_or_done(promise: Promise) -> Option<JsValue> {
    resolved(promise).await.err()
}

#[wasm_bindgen_test]
async fn a_bad_option_of_a_call_is_told_by_name_and_nothing_is_sent() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    let mut cases = vec![
        ("signal", nothing(), "an object", "an AbortSignal"),
        ("signal", JsValue::NULL, "null", "an AbortSignal"),
        ("signal", text("abort"), "a string", "an AbortSignal"),
        ("signal", web_sys::AbortController::new()?.into(), "an object", "an AbortSignal"),
        ("requestTimeoutMs", 0.into(), "0", "at least 1"),
        ("requestTimeoutMs", f64::INFINITY.into(), "Infinity", "finite"),
    ];
    cases.extend(bad_durations("requestTimeoutMs", "at least 1"));
    for (template, method) in METHODS {
        let batch = || object([(template, text("t")), ("batchId", text("b"))]);
        for bad in &cases {
            assert_refused(&failure(method(&client, batch(), object([(bad.0, bad.1.clone())]))).await, bad);
        }
        for (value, got) in no_object() {
            let bad = ("options", value.clone(), got, "an object");
            assert_refused(&failure(method(&client, batch(), value)).await, &bad);
        }
    }
    one_macrotask().await;
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_bad_option_of_a_poll_is_told_by_name_and_nothing_is_sent() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", 250.into())]))?;
    let mut cases = vec![
        ("timeoutMs", 0.into(), "0", "at least 1"),
        ("intervalMs", 249.into(), "249", "at least 250 (minIntervalMs)"),
        ("intervalMs", f64::INFINITY.into(), "Infinity", "finite"),
        ("initialDelayMs", f64::INFINITY.into(), "Infinity", "finite"),
        ("maxRetries", (-1).into(), "-1", "a whole number"),
        ("maxRetries", 1.5.into(), "1.5", "a whole number"),
        ("maxRetries", f64::NAN.into(), "NaN", "a whole number"),
        ("maxRetries", text("3"), "a string", "a whole number"),
        ("expectedFiles", 0.into(), "0", "a whole number, at least 1"),
        ("expectedFiles", 2.5.into(), "2.5", "a whole number"),
        ("priority", 0.into(), "0", "a finite number, at least 0.01"),
        ("priority", f64::INFINITY.into(), "Infinity", "a finite number"),
        ("priority", text("high"), "a string", "a finite number"),
        ("followExtractions", 1.into(), "1", "true or false"),
        ("onUnknownStatus", text("ignore"), "a string", "\"wait\", \"done\" or \"throw\""),
        ("onUnknownStatus", true.into(), "a boolean", "\"wait\", \"done\" or \"throw\""),
        ("onProgress", nothing(), "an object", "a function"),
        ("onProgress", JsValue::NULL, "null", "a function"),
    ];
    cases.extend(bad_durations("timeoutMs", "at least 1"));
    cases.extend(bad_durations("intervalMs", "at least 250"));
    cases.extend(bad_durations("initialDelayMs", "at least 0"));
    for bad in &cases {
        let options = || object([(bad.0, bad.1.clone())]);
        assert_refused(&failure(client.poll_until_done(extraction("b"), options())).await, bad);
        match client.watch(extraction("b"), options()) {
            Ok(_) => assert!(bad.0.is_empty(), "a watch throws at once: {bad:?}"),
            Err(error) => assert_refused(&Failure::of(&error), bad),
        }
    }
    one_macrotask().await;
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn an_option_that_is_undefined_is_as_good_as_absent() -> Tested {
    let names = ["token", "headers", "requestTimeoutMs", "allowTokenInBrowser", "onEvent"];
    let fake = FakeFetch::new(|_| json(200, DONE));
    let options = fake.options();
    for name in names {
        Reflect::set(&options, &name.into(), &UNDEFINED)?;
    }
    let client = ExtractaClient::new(options)?;
    let options = Object::new();
    for name in [
        "signal",
        "requestTimeoutMs",
        "timeoutMs",
        "intervalMs",
        "initialDelayMs",
        "maxRetries",
        "onUnknownStatus",
        "onProgress",
    ] {
        Reflect::set(&options, &name.into(), &UNDEFINED)?;
    }
    let batch = with_members(extraction("b"), [("fileId", UNDEFINED)]);
    resolved(client.poll_until_done(batch, options.into())).await?;
    let [request] = &fake.requests()[..] else { return Err(text("one request was expected")) };
    assert_eq!(stringify(&request.body()), r#"{"extractionId":"-extraction","batchId":"b"}"#);
    Ok(())
}

#[wasm_bindgen_test]
async fn what_a_getter_throws_is_passed_on_as_it_is() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let thrown: JsValue = Object::new().into();
    let with_getter = |name: &str| -> Result<JsValue, JsValue> {
        let object = Object::new();
        Object::define_property(&object, &name.into(), self::object([("get", throwing(&thrown))]).unchecked_ref());
        Ok(object.into())
    };
    assert!(ExtractaClient::new(with_getter("token")?).is_err_and(|error| is_same(&error, &thrown)));
    let client = fake.client()?;
    assert!(is_same(&rejected(client.get_batch_results(with_getter("extractionId")?, UNDEFINED)).await, &thrown));
    assert!(is_same(&rejected(client.poll_until_done(extraction("b"), with_getter("timeoutMs")?)).await, &thrown));
    assert_eq!(fake.count(), 0);
    Ok(())
}

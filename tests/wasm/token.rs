//! The API key: where it comes from, when it is renewed, and that nothing a caller may log ever holds it.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{Function, Object};
use support::fake_fetch::{DONE, FakeFetch, WAITING, json};
use support::standin::Standin;
use support::{
    Failure, Recorder, Tested, UNDEFINED, extraction, failure, is_same, member, object, own_name, rejected, resolved,
    results, stringify, throwing, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::RequestRedirect;

/// A provider that gives these tokens one after another, then the last one for ever.
fn provider(tokens: &'static [&'static str]) -> (Recorder, JsValue) {
    let reported = Recorder::new();
    let mut given = 0;
    let tell = reported.function().unchecked_into::<Function>();
    let give = move |context: JsValue| -> Result<JsValue, JsValue> {
        tell.call1(&UNDEFINED, &context)?;
        let token = tokens.get(given).or(tokens.last()).copied().unwrap_or_default();
        given += 1;
        Ok(token.into())
    };
    (reported, Closure::<dyn FnMut(JsValue) -> Result<JsValue, JsValue>>::new(give).into_js_value())
}

fn forced(reported: &Recorder) -> Vec<bool> {
    reported.calls().iter().filter_map(|context| member(context, "forceRefresh").as_bool()).collect()
}

fn client(fake: &FakeFetch, token: JsValue) -> Result<ExtractaClient, JsValue> {
    ExtractaClient::new(with_members(fake.options(), [("token", token)]))
}

#[wasm_bindgen_test]
async fn a_request_is_what_the_documentation_asks_for_and_nothing_else() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let more = [
        ("token", "k=_-1".into()),
        ("headers", object([("x-proxy", "yes".into()), ("content-type", "text/x".into())])),
    ];
    let client = ExtractaClient::new(with_members(fake.options(), more))?;
    let batch = with_members(extraction("a \"b\""), [("fileId", "-f".into()), ("other", "kept back".into())]);
    resolved(client.get_batch_results(batch, UNDEFINED)).await?;
    let request = &fake.requests()[0];
    assert!(request.this.is_undefined(), "fetch is called unbound");
    assert_eq!(request.url.as_string(), Some(format!("{}/getBatchResults", fake.base_url)));
    assert_eq!(request.init.get_method().as_deref(), Some("POST"));
    assert_eq!(request.init.get_redirect(), Some(RequestRedirect::Manual));
    assert_eq!(stringify(&request.body()), r#"{"extractionId":"-extraction","batchId":"a \"b\"","fileId":"-f"}"#);
    assert_eq!(request.header("authorization").as_deref(), Some("Bearer k=_-1"));
    assert_eq!(request.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(request.header("x-proxy").as_deref(), Some("yes"));
    let mut members: Vec<_> =
        Object::keys(request.init.unchecked_ref::<Object>()).iter().filter_map(|name| name.as_string()).collect();
    members.sort();
    assert_eq!(members, ["body", "cache", "headers", "method", "redirect", "signal"]);
    assert_eq!(member(request.init.unchecked_ref(), "cache"), "no-store");
    Ok(())
}

#[wasm_bindgen_test]
async fn without_a_token_no_authorization_is_sent() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    resolved(fake.client()?.get_batch_results(extraction("b"), UNDEFINED)).await?;
    assert_eq!(fake.requests()[0].header("authorization"), None);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_provider_is_asked_before_each_request() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number < 3 { WAITING } else { DONE }));
    let (reported, give) = provider(&["one", "two", "three"]);
    let client = client(&fake, give)?;
    assert!(reported.calls().is_empty(), "not by the constructor");
    resolved(client.poll_until_done(extraction("b"), UNDEFINED)).await?;
    let sent: Vec<_> = fake.requests().iter().filter_map(|request| request.header("authorization")).collect();
    assert_eq!(sent, ["Bearer one", "Bearer two", "Bearer three"]);
    assert_eq!(forced(&reported), [false; 3]);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_refused_token_is_renewed_exactly_once() -> Tested {
    let refused = FakeFetch::new(|_| json(401, "{}"));
    let (reported, give) = provider(&["old", "still-old"]);
    let failure = failure(client(&refused, give)?.poll_until_done(extraction("b"), UNDEFINED)).await;
    assert_eq!((failure.code.as_str(), failure.http_status, failure.attempts), ("UNAUTHENTICATED", Some(401), Some(2)));
    assert_eq!(forced(&reported), [false, true]);
    assert_eq!(refused.count(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_literal_token_that_is_refused_is_not_sent_again() -> Tested {
    let fake = FakeFetch::new(|_| json(401, "{}"));
    let client = client(&fake, "key".into())?;
    assert_eq!(failure(client.get_batch_results(extraction("b"), UNDEFINED)).await.code, "UNAUTHENTICATED");
    assert_eq!(failure(client.poll_until_done(extraction("b"), UNDEFINED)).await.code, "UNAUTHENTICATED");
    assert_eq!(fake.count(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_renewed_token_keeps_the_floor_of_the_old_one() -> Tested {
    let fake = FakeFetch::new(|request| if request.number == 1 { json(401, "{}") } else { json(200, DONE) });
    let (_told, give) = provider(&["old", "new"]);
    let more = [("token", give), ("minIntervalMs", 200.into())];
    let client = ExtractaClient::new(with_members(fake.options(), more))?;
    resolved(client.get_batch_results(extraction("b"), UNDEFINED)).await?;
    let requests = fake.requests();
    assert_eq!(requests[1].header("authorization").as_deref(), Some("Bearer new"));
    assert!(requests[1].at - requests[0].at >= 199.0, "{} and {}", requests[0].at, requests[1].at);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_poll_outlives_the_expiry_of_its_token() -> Tested {
    let standin = Standin::fast();
    let (expired, good) = (own_name("expired"), own_name("good"));
    let tokens = [own_name("first"), expired.clone(), good.clone()];
    let reported = Recorder::new();
    let give = Function::new_with_args(
        "tell, ...tokens",
        "return context => { tell(context); return tokens.length > 1 ? tokens.shift() : tokens[0]; };",
    );
    let [first, second, third] = &tokens;
    let give = give.call4(&UNDEFINED, &reported.function(), &first.into(), &second.into(), &third.into())?;
    let client = standin.client_with("replaced", [("token", give)])?;
    // The stand-in counts polls by token, so the batch is waiting once for each of the two good ones.
    let results = results(client.poll_until_done(extraction("waits-1"), UNDEFINED)).await?;
    assert!(results.done);
    assert_eq!(forced(&reported), [false, false, true, false]);
    let statuses = async |token: &str| -> Result<Vec<Option<u16>>, JsValue> {
        Ok(standin.arrivals(token).await?.iter().map(|arrival| arrival.http_status).collect())
    };
    assert_eq!(statuses(first).await?, [Some(200)]);
    assert_eq!(statuses(&expired).await?, [Some(401)]);
    assert_eq!(statuses(&good).await?, [Some(200), Some(200)]);
    Ok(())
}

#[wasm_bindgen_test]
async fn what_a_provider_throws_or_rejects_with_ends_a_call_without_retries_with_that_very_value() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let value: JsValue = Object::new().into();
    let rejecting =
        Function::new_with_args("value", "return async () => { throw value; };").call1(&UNDEFINED, &value)?;
    for provider in [throwing(&value), rejecting] {
        let client = client(&fake, provider)?;
        assert!(is_same(&rejected(client.get_batch_results(extraction("b"), UNDEFINED)).await, &value));
        let without_retries = object([("maxRetries", 0.into())]);
        assert!(is_same(&rejected(client.poll_until_done(extraction("b"), without_retries)).await, &value));
    }
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_provider_that_gives_no_token_is_told_by_name() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    for (body, got) in [
        ("return undefined", "undefined"),
        ("return ''", "an empty string"),
        ("return 5", "a number"),
        ("return Promise.resolve('two words')", "a string with spaces: trim it"),
    ] {
        let client = client(&fake, Function::new_no_args(body).into())?;
        let failure = failure(client.get_batch_results(extraction("b"), UNDEFINED)).await;
        assert_eq!((failure.code.as_str(), failure.option.as_deref()), ("INVALID_OPTION", Some("token")));
        let (_, after) =
            failure.message.split_once(&format!("; got {got}. (batch b, ")).ok_or("it names what it got")?;
        // A call that took a second or more says so first.
        let after =
            after.split_once(" s, ").filter(|(took, _)| took.starts_with("in ")).map_or(after, |(_, rest)| rest);
        assert!(after.starts_with("at ") && !failure.message.contains("two words"), "{failure:?}");
    }
    assert_eq!(fake.count(), 0);
    Ok(())
}

/// All that a caller may log of an error: its message, stack, JSON, own members, and the same of its cause.
fn all_of(error: &JsValue) -> String {
    if !error.is_object() {
        return String::new();
    }
    let mut text = stringify(error);
    for name in Object::get_own_property_names(error.unchecked_ref::<Object>()).iter() {
        if let Some(name) = name.as_string().filter(|name| name != "cause") {
            text.push_str(&format!("{:?}", member(error, &name)));
        }
    }
    text + &all_of(&member(error, "cause"))
}

#[wasm_bindgen_test]
async fn a_token_that_is_echoed_reaches_no_error_and_no_event() -> Tested {
    const SECRET: &str = "S3CRET-key_1==";
    let echo = |request: &support::fake_fetch::Request| {
        let seen = request.header("authorization").unwrap_or_default();
        match request.batch_id().as_str() {
            "error" => json(200, &format!(r#"{{"error":"bad header {seen}"}}"#)),
            "status" => json(200, &format!(r#"{{"status":"error","message":"{seen} {seen}"}}"#)),
            "refusal" => json(400, &format!(r#"{{"message":"{seen} is no key"}}"#)),
            "limit" => json(429, &format!(r#"{{"error":{{"message":"{seen} again"}}}}"#)),
            _ => {
                let error = js_sys::Error::new(&format!("cannot send {seen}"));
                let headers = request.init.get_headers();
                js_sys::Promise::reject(&with_members(error.into(), [("headers", headers), ("cause", seen.into())]))
            }
        }
    };
    let fake = FakeFetch::new(echo);
    let events = Recorder::new();
    let more = [("token", SECRET.into()), ("onEvent", events.function())];
    let client = ExtractaClient::new(with_members(fake.options(), more))?;
    for (batch, code) in [
        ("error", "API_ERROR"),
        ("status", "SERVER"),
        ("refusal", "BAD_REQUEST"),
        ("network", "NETWORK"),
        ("limit", "RATE_LIMITED"),
    ] {
        let error = rejected(client.get_batch_results(extraction(batch), UNDEFINED)).await;
        let failure = Failure::of(&error);
        assert_eq!(failure.code, code, "{failure:?}");
        let words =
            failure.server_message.clone().or(member(&failure.cause, "message").as_string()).unwrap_or_default();
        assert!(words.contains("•••"), "what was said is passed on, without the token: {failure:?}");
        assert!(!all_of(&error).contains(SECRET), "{batch}: {}", all_of(&error));
    }
    // A poll puts the last failure into another one.
    let options = object([("maxRetries", 0.into())]);
    let error = rejected(client.poll_until_done(extraction("status"), options)).await;
    assert!(all_of(&error).contains("•••") && !all_of(&error).contains(SECRET), "{}", all_of(&error));
    let reported: String = events.calls().iter().map(stringify).collect();
    assert!(
        reported.contains("\"request\"") && !reported.contains(SECRET) && !reported.contains("Bearer"),
        "{reported}"
    );
    Ok(())
}

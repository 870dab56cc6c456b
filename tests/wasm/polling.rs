//! Polling until done: what is survived, what is reported on the way, and how a poll gives up.

use crate::support;
use js_sys::{Function, Object};
use support::fake_fetch::{DONE, FakeFetch, WAITING, json};
use support::standin::{Standin, may_be_sent_anew};
use support::{
    Counts, Failure, Recorder, Tested, UNDEFINED, classification, extraction, failure, is_same, member, now, object,
    own_name, rejected, resolved, results, sleep, throwing, until, watched,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn batches_of_both_kinds_are_polled_until_done() -> Tested {
    let standin = Standin::fast();
    let token = own_name("until-done");
    let client = standin.client(&token)?;
    for batch in [extraction("waits-3"), classification("waits-3")] {
        let results = results(client.poll_until_done(batch, UNDEFINED)).await?;
        assert!(results.done);
        assert_eq!(results.statuses(), ["processed"; 3]);
    }
    let gaps = standin.gaps(&token).await?;
    for path in ["/getBatchResults", "/documentClassification/getResults"] {
        let gaps = &gaps[path];
        assert_eq!((gaps.count, gaps.violations), (4, 0), "{path}");
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn each_file_is_new_exactly_once_whatever_the_order_of_the_list() -> Tested {
    let client = Standin::fast().client(&own_name("one-by-one"))?;
    for batch in [extraction("one-by-one"), classification("one-by-one")] {
        let reported = Recorder::new();
        let finished = resolved(client.poll_until_done(batch, object([("onProgress", reported.function())]))).await?;
        let progresses = reported.progresses()?;
        let (place, progresses) = progresses.split_first().ok_or("no progress")?;
        assert_eq!((place.attempt, place.counts.total, place.new_files.len()), (0, 0, 0), "its place in line");
        let new_files: Vec<_> = progresses
            .iter()
            .map(|progress| progress.new_files.iter().filter_map(|file| file.file_id.as_deref()).collect::<Vec<_>>())
            .collect();
        let number = |n| format!("-standin-file-{n:06}");
        assert_eq!(new_files, [[number(1)], [number(2)], [number(3)], [number(4)], [number(5)]]);
        for (progress, n) in progresses.iter().zip(1..) {
            assert_eq!(progress.attempt, n);
            assert_eq!(progress.counts, Counts { total: 5, processed: n, failed: 0, pending: 5 - n });
            assert_eq!(progress.results.done, n == 5);
            assert_eq!(progress.next_poll_in_ms.is_some(), n < 5, "absent once done: {progress:?}");
            assert_eq!(progress.queue_position, 0);
        }
        let elapsed: Vec<_> = progresses.iter().map(|progress| progress.elapsed_ms).collect();
        assert!(elapsed.is_sorted() && elapsed[4] >= 4.0 * 60.0, "{elapsed:?}");
        let last = reported.calls().pop().unwrap_or_default();
        assert!(is_same(&member(&last, "results"), &finished), "the finished results come last, and are no copy");
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn failed_files_are_data_and_are_counted() -> Tested {
    let client = Standin::fast().client(&own_name("mixed"))?;
    let reported = Recorder::new();
    let options = object([("onProgress", reported.function())]);
    let results = results(client.poll_until_done(extraction("mixed"), options)).await?;
    assert_eq!(results.statuses(), ["processed", "failed", "processed", "processed"]);
    let counts: Vec<_> = reported.progresses()?.into_iter().map(|progress| progress.counts).collect();
    let before = || Counts { total: 4, processed: 1, failed: 1, pending: 2 };
    let none = Counts { total: 0, processed: 0, failed: 0, pending: 0 };
    assert_eq!(counts, [none, before(), before(), Counts { total: 4, processed: 3, failed: 1, pending: 0 }]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_poll_survives_what_passes() -> Tested {
    let standin = Standin::fast();
    for batch in [
        "http-503-then-done",
        "http-408-then-done",
        "http-500-then-done",
        "html-502-then-done",
        "error-then-done",
        "reset-then-done",
        "empty-object-then-done",
        "empty-array-then-done",
        "missing-files-then-done",
        "unknown-status-then-done",
    ] {
        let token = own_name("survives");
        let client = standin.client(&token)?;
        let reported = Recorder::new();
        let options = object([("onProgress", reported.function())]);
        assert!(results(client.poll_until_done(extraction(batch), options)).await?.done, "{batch}");
        if may_be_sent_anew(batch) {
            continue;
        }
        assert_eq!(reported.progresses()?.last().map(|progress| progress.attempt), Some(3), "{batch}");
        let gaps = &standin.gaps(&token).await?["/getBatchResults"];
        assert_eq!((gaps.count, gaps.violations), (3, 0), "{batch}");
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_poll_stays_away_for_as_long_as_it_is_asked_to() -> Tested {
    let standin = Standin::fast();
    // Twice a second; a date of whole seconds, two away, is at least one; unexplained, the gap widens by two, then by four.
    for (batch, least_ms) in [
        ("rate-limited", 1_000.0),
        ("unavailable-retry-after", 60.0),
        ("rate-limited-date", 1_000.0),
        ("rate-limited-silent", 2_000.0),
    ] {
        let token = own_name("limited");
        let client = standin.client(&token)?;
        assert!(results(client.poll_until_done(extraction(batch), UNDEFINED)).await?.done, "{batch}");
        let arrivals = standin.arrivals(&token).await?;
        assert_eq!(arrivals.len(), 3, "{batch}");
        for pair in arrivals.windows(2) {
            assert!(pair[1].arrived_ms - pair[0].arrived_ms >= least_ms, "{batch}: {arrivals:?}");
        }
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_poll_gives_up_after_max_retries_in_a_row_and_says_why() -> Tested {
    let standin = Standin::fast();
    // Batch, maxRetries, requests made, code and HTTP status of the last failure.
    for (batch, max_retries, attempts, code, http_status) in [
        ("http-503", Some(2), 3, "SERVER", Some(503)),
        ("http-503", Some(1), 2, "SERVER", Some(503)),
        ("cut-body", Some(1), 2, "NETWORK", Some(200)),
        ("error-style-status", Some(1), 2, "SERVER", Some(200)),
        // A page in place of an answer is survived twice, whatever maxRetries says.
        ("html-200", None, 3, "NOT_JSON", Some(200)),
        ("html-200", Some(1), 2, "NOT_JSON", Some(200)),
        ("http-503", None, 6, "SERVER", Some(503)),
    ] {
        let token = own_name("exhausted");
        let options = object([("maxRetries", max_retries.map_or(UNDEFINED, JsValue::from))]);
        let failure = failure(standin.client(&token)?.poll_until_done(extraction(batch), options)).await;
        if max_retries == Some(0) {
            assert_eq!((failure.code.as_str(), failure.http_status), (code, http_status), "the failure itself");
            assert_eq!(failure.attempts, Some(attempts));
            continue;
        }
        assert_eq!((failure.code.as_str(), failure.retryable), ("RETRIES_EXHAUSTED", true), "{batch}: {failure:?}");
        assert_eq!(failure.attempts, Some(attempts), "{batch}: {failure:?}");
        assert_eq!(failure.endpoint.as_deref(), Some("getBatchResults"));
        let cause = Failure::of(&failure.cause);
        assert_eq!((cause.code.as_str(), cause.http_status), (code, http_status), "{batch}: {cause:?}");
        assert_eq!(standin.arrivals(&token).await?.len(), attempts as usize, "{batch}");
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn what_does_not_pass_ends_the_poll_at_once() -> Tested {
    let standin = Standin::fast();
    for (batch, code) in [
        ("http-403", "FORBIDDEN"),
        ("http-404", "NOT_FOUND"),
        ("http-422", "BAD_REQUEST"),
        ("http-501", "BAD_REQUEST"),
        ("error-style-error", "API_ERROR"),
        ("files-string", "UNEXPECTED_REPLY"),
    ] {
        let token = own_name("ends");
        let failure = failure(standin.client(&token)?.poll_until_done(extraction(batch), UNDEFINED)).await;
        assert_eq!((failure.code.as_str(), failure.attempts), (code, Some(1)), "{batch}: {failure:?}");
        assert_eq!(standin.arrivals(&token).await?.len(), 1, "{batch}");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn good_answers_in_between_renew_the_retries() -> Tested {
    let fake = FakeFetch::new(|request| match request.number {
        8 => json(200, DONE),
        odd if odd % 2 == 1 => json(503, "{}"),
        _ => json(200, WAITING),
    });
    let options = object([("maxRetries", 1.into())]);
    assert!(results(fake.client()?.poll_until_done(extraction("b"), options)).await?.done);
    assert_eq!(fake.count(), 8);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn an_unknown_status_means_what_the_caller_says() -> Tested {
    let client = Standin::fast().client(&own_name("unknown"))?;
    let poll = |of: fn(&str) -> JsValue, batch, options| client.poll_until_done(of(batch), options);
    let choice = |choice: &str| object([("onUnknownStatus", choice.into())]);
    for (of, options) in [(extraction as fn(&str) -> JsValue, UNDEFINED), (classification, choice("wait"))] {
        let waited = results(poll(of, "unknown-status-then-done", options)).await?;
        assert_eq!(waited.statuses(), ["processed"; 3]);
    }
    let done = results(poll(extraction, "unknown-status", choice("done"))).await?;
    assert_eq!((done.done, done.statuses()), (true, vec!["processed", "archived"]));
    let thrown = failure(poll(extraction, "unknown-status", choice("throw"))).await;
    assert_eq!((thrown.code.as_str(), thrown.retryable, thrown.attempts), ("UNKNOWN_STATUS", false, Some(1)));
    Ok(())
}

#[wasm_bindgen_test]
async fn what_on_progress_throws_ends_the_poll_with_that_very_value() -> Tested {
    let fake = FakeFetch::new(|_| json(200, WAITING));
    let client = fake.client()?;
    let thrown: JsValue = Object::new().into();
    let options = object([("onProgress", throwing(&thrown))]);
    assert!(is_same(&rejected(client.poll_until_done(extraction("b"), options)).await, &thrown));
    sleep(50).await;
    assert_eq!(fake.count(), 0, "no poll follows");
    let options = object([("onProgress", throwing(&UNDEFINED))]);
    assert!(rejected(client.poll_until_done(extraction("b"), options)).await.is_undefined());
    Ok(())
}

#[wasm_bindgen_test]
async fn a_poll_that_runs_out_of_time_asks_once_more_and_tells_what_it_saw() -> Tested {
    let fake = FakeFetch::new(|request| match request.number {
        1 => json(200, WAITING),
        2 => json(200, r#"{"files":{}}"#),
        3 => json(503, "{}"),
        _ => json(200, r#"{"files":[{"status":"processing"}]}"#),
    });
    let client = fake.client()?;
    let started = now();
    // Nudged twice; the interval alone would bring each next poll long after the deadline. The last one comes two seconds before
    // it: time for the others, and for a machine that stands still.
    let reported = Recorder::new();
    let watch = watched(client.watch(
        extraction("b"),
        object([("timeoutMs", 6_000.into()), ("intervalMs", 60_000.into()), ("onProgress", reported.function())]),
    ))?;
    until("the first progress", || reported.calls().len() == 2).await;
    watch.nudge();
    until("the second progress", || reported.calls().len() == 3).await;
    watch.nudge();
    let failure = failure(watch.result()).await;
    let requests = fake.requests();
    assert_eq!(failure.code, "POLL_TIMEOUT");
    assert!(failure.retryable && failure.message.contains("may still finish"), "{failure:?}");
    assert!(failure.elapsed_ms.is_some_and(|ms| ms >= 6_000.0), "{failure:?}");
    assert_eq!(failure.attempts, Some(4));
    assert_eq!(requests.len(), 4);
    assert!(requests[3].at - started >= 3_999.0, "the last poll comes in time for its answer, not before");
    let observed = failure.observed.unwrap_or_default();
    for outcome in ["waiting", "noFiles", "SERVER", "partial"] {
        assert_eq!(observed.get(outcome), Some(&1), "{outcome}: {observed:?}");
    }
    assert_eq!(observed.len(), 4, "{observed:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn the_last_poll_before_the_deadline_may_still_find_the_batch_done() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number == 1 { WAITING } else { DONE }));
    let options = object([("timeoutMs", 5_000.into()), ("intervalMs", 60_000.into())]);
    assert!(results(fake.client()?.poll_until_done(extraction("b"), options)).await?.done);
    assert_eq!(fake.count(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn the_first_poll_waits_for_the_initial_delay_and_the_next_for_the_interval() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number < 3 { WAITING } else { DONE }));
    let started = now();
    let options =
        object([("initialDelayMs", 200.into()), ("intervalMs", 100.into()), ("timeoutMs", f64::INFINITY.into())]);
    resolved(fake.client()?.poll_until_done(extraction("b"), options)).await?;
    let at: Vec<_> = fake.requests().iter().map(|request| request.at - started).collect();
    // Not from one to the next: an interval counts from the start of a request, which `fetch` may hear of late.
    assert!(at[0] >= 200.0 && at[1] >= 299.0 && at[2] >= 398.0, "{at:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn events_tell_the_course_of_a_poll_and_what_their_listener_throws_is_ignored() -> Tested {
    let fake = FakeFetch::new(|request| match request.number {
        1 => json(503, "{}"),
        2 => json(429, "{}"),
        _ => json(200, DONE),
    });
    let reported = Recorder::new();
    let and_throw =
        Function::new_with_args("reported", "return event => { reported(event); throw new Error('ignored'); };");
    let on_event = and_throw.call1(&UNDEFINED, &reported.function())?;
    let options = support::with_members(fake.options(), [("onEvent", on_event), ("minIntervalMs", 100.into())]);
    let client = extracta_wasm::js::client::ExtractaClient::new(options)?;
    // Long enough that what is to be waited for is not over before the listener returns.
    let options = object([("intervalMs", 2_000.into())]);
    assert!(results(client.poll_until_done(extraction("b"), options)).await?.done);
    let types: Vec<_> = reported.calls().iter().filter_map(|event| member(event, "type").as_string()).collect();
    let expected = [
        "request", "response", "retry", "wait", "request", "response", "pause", "retry", "wait", "request", "response",
        "settled",
    ];
    assert_eq!(types, expected);
    for event in reported.calls() {
        assert_eq!(member(&event, "batchId"), "b");
        assert_eq!(member(&event, "endpoint"), "getBatchResults");
    }
    Ok(())
}

//! A poll that is watched: iterated, hurried, left.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{AsyncIterator, Function, Object, Reflect, Symbol};
use support::fake_fetch::{DONE, FakeFetch, WAITING, json, never};
use support::standin::Standin;
use support::{
    Failure, Outcome, Progress, Recorder, Tested, UNDEFINED, Watch, classification, extraction, is_same, member,
    object, own_name, rejected, resolved, sleep, until, watched, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// What `for await` asks a watch for.
fn iterate(watch: &Watch) -> Result<AsyncIterator, JsValue> {
    let iterate: Function = Reflect::get(watch, &Symbol::async_iterator())?.unchecked_into();
    Ok(iterate.call0(watch)?.unchecked_into())
}

/// The next progress, or `None` at the end.
async fn next(iterator: &AsyncIterator) -> Result<Option<Progress>, JsValue> {
    let step = resolved(iterator.next()?).await?;
    if member(&step, "done").is_truthy() {
        return Ok(None);
    }
    Ok(Some(serde_wasm_bindgen::from_value(member(&step, "value"))?))
}

fn new_file_ids(progress: &Progress) -> Vec<&str> {
    progress.new_files.iter().filter_map(|file| file.file_id.as_deref()).collect()
}

/// Answers with as many final files as there were requests, done at the fifth.
fn one_more_file_each_time() -> FakeFetch {
    FakeFetch::new(|request| {
        let file = |n: usize| {
            let status = if n <= request.number { "processed" } else { "processing" };
            format!(r#"{{"fileId":"-f{n}","status":"{status}"}}"#)
        };
        json(200, &format!(r#"{{"files":[{}]}}"#, (1..=5).map(file).collect::<Vec<_>>().join(",")))
    })
}

/// Runs a piece of JavaScript on the watch as JavaScript sees it.
async fn in_javascript(watch: &JsValue, body: &str) -> Result<JsValue, JsValue> {
    let function = Function::new_with_args("watch", &format!("return (async () => {{ {body} }})();"));
    resolved(function.call1(&UNDEFINED, watch)?.unchecked_into()).await
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn iterating_yields_progress_and_ends_with_the_batch() -> Tested {
    let client = Standin::fast().client(&own_name("watch"))?;
    for batch in [extraction("one-by-one"), classification("one-by-one")] {
        let watch = watched(client.watch(batch, UNDEFINED))?;
        let iterator = iterate(&watch)?;
        let mut files: Vec<String> = Vec::new();
        let mut last = None;
        while let Some(progress) = next(&iterator).await? {
            files.extend(new_file_ids(&progress).into_iter().map(String::from));
            last = Some(progress);
        }
        assert_eq!(files, (1..=5).map(|n| format!("-standin-file-{n:06}")).collect::<Vec<_>>());
        assert!(last.is_some_and(|progress| progress.results.done && progress.attempt == 5));
        assert_eq!(member(&resolved(watch.result()).await?, "done"), true);
        assert!(next(&iterator).await?.is_none(), "it stays at its end");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn javascript_iterates_it_with_for_await_and_does_not_take_it_for_a_promise() -> Tested {
    let fake = one_more_file_each_time();
    let client = fake.client()?;
    let watch: JsValue = client.watch(extraction("b"), UNDEFINED)?;
    assert!(member(&watch, "then").is_undefined());
    let body = "const files = [];
        for await (const progress of await watch) files.push(...progress.newFiles.map(file => file.fileId));
        return [files.join(), (await watch.result).done, watch.result === watch.result].join(' ');";
    assert_eq!(in_javascript(&watch, body).await?, "-f1,-f2,-f3,-f4,-f5 true true");
    Ok(())
}

#[wasm_bindgen_test]
async fn a_slow_reader_gets_the_latest_progress_and_misses_no_file() -> Tested {
    let fake = one_more_file_each_time();
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    resolved(watch.result()).await?;
    let iterator = iterate(&watch)?;
    let progress = next(&iterator).await?.ok_or("no progress")?;
    assert_eq!(new_file_ids(&progress), ["-f1", "-f2", "-f3", "-f4", "-f5"]);
    assert_eq!((progress.attempt, progress.counts.processed, progress.results.done), (5, 5, true));
    assert!(next(&iterator).await?.is_none());
    Ok(())
}

#[wasm_bindgen_test]
async fn a_reader_that_pauses_is_told_each_file_once() -> Tested {
    let fake = one_more_file_each_time();
    let client = ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", 30.into())]))?;
    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    let iterator = iterate(&watch)?;
    let place = next(&iterator).await?.ok_or("no progress")?;
    assert_eq!((place.attempt, place.new_files.len()), (0, 0));
    let first = next(&iterator).await?.ok_or("no progress")?;
    assert_eq!(new_file_ids(&first), ["-f1"]);
    until("three more", || fake.count() >= 4).await;
    let mut rest = Vec::new();
    while let Some(progress) = next(&iterator).await? {
        rest.extend(new_file_ids(&progress).into_iter().map(String::from));
    }
    assert_eq!(rest, ["-f2", "-f3", "-f4", "-f5"]);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_slow_reader_changes_nothing_in_what_the_listener_was_told() -> Tested {
    let fake = one_more_file_each_time();
    let reported = Recorder::new();
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), object([("onProgress", reported.function())])))?;
    resolved(watch.result()).await?;
    let files: Vec<_> = reported.progresses()?.iter().flat_map(new_file_ids).map(String::from).collect();
    assert_eq!(files, ["-f1", "-f2", "-f3", "-f4", "-f5"]);
    Ok(())
}

#[wasm_bindgen_test]
async fn leaving_the_loop_cancels_the_poll_with_an_abort_error() -> Tested {
    let fake = FakeFetch::new(|_| json(200, WAITING));
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), object([("intervalMs", 100.into())])))?;
    let result = watch.result();
    in_javascript(&watch.into(), "for await (const progress of watch) break;").await?;
    assert_eq!(member(&rejected(result).await, "name"), "AbortError");
    let sent = fake.count();
    sleep(200).await;
    assert_eq!(fake.count(), sent, "no request follows");
    Ok(())
}

#[wasm_bindgen_test]
async fn cancel_rejects_with_the_reason_given_or_an_abort_error() -> Tested {
    let fake = FakeFetch::new(never);
    let client = fake.client()?;
    let reason: JsValue = Object::new().into();
    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    let iterator = iterate(&watch)?;
    assert!(next(&iterator).await?.is_some(), "its place in line");
    let step = iterate(&watch)?.next()?;
    until("the request", || fake.count() == 1).await;
    watch.cancel(&reason);
    assert!(is_same(&rejected(watch.result()).await, &reason));
    assert!(is_same(&rejected(step).await, &reason), "a reader that waits is reported");
    assert!(fake.requests()[0].signal().aborted());
    assert!(next(&iterator).await?.is_none());

    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    watch.cancel(&UNDEFINED);
    watch.cancel(&reason);
    assert_eq!(member(&rejected(watch.result()).await, "name"), "AbortError", "the first word counts");
    Ok(())
}

#[wasm_bindgen_test]
async fn cancel_after_the_end_changes_nothing() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    resolved(watch.result()).await?;
    watch.cancel(&UNDEFINED);
    watch.nudge();
    sleep(30).await;
    assert_eq!(member(&resolved(watch.result()).await?, "done"), true);
    assert_eq!(fake.count(), 1);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_nudge_asks_at_the_next_permitted_moment_and_not_before() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number == 1 { WAITING } else { DONE }));
    let client = ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", 200.into())]))?;
    let watch = watched(client.watch(extraction("b"), object([("intervalMs", 3_600_000.into())])))?;
    let iterator = iterate(&watch)?;
    next(&iterator).await?;
    for _ in 0..5 {
        watch.nudge();
        sleep(5).await;
    }
    assert_eq!(member(&resolved(watch.result()).await?, "done"), true);
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].at - requests[0].at >= 199.0, "{} and {}", requests[0].at, requests[1].at);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_nudge_cuts_the_initial_delay_short() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), object([("initialDelayMs", 3_600_000.into())])))?;
    sleep(30).await;
    assert_eq!(fake.count(), 0);
    watch.nudge();
    resolved(watch.result()).await?;
    assert_eq!(fake.count(), 1);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_nudge_during_a_request_is_not_lost() -> Tested {
    let fake = FakeFetch::new(|request| {
        let body = if request.number == 1 { WAITING } else { DONE };
        wasm_bindgen_futures::future_to_promise(async move {
            sleep(50).await;
            resolved(json(200, body)).await
        })
    });
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), object([("intervalMs", 3_600_000.into())])))?;
    until("the request", || fake.count() == 1).await;
    watch.nudge();
    resolved(watch.result()).await?;
    assert_eq!(fake.count(), 2);
    Ok(())
}

/// Counts unhandled rejections from now on.
fn unhandled_rejections() -> Result<Recorder, JsValue> {
    let reported = Recorder::new();
    let listen = Function::new_with_args(
        "tell",
        "if (typeof process === 'object' && process.on) process.on('unhandledRejection', tell);
         else addEventListener('unhandledrejection', event => { event.preventDefault(); tell(event.reason); });",
    );
    listen.call1(&UNDEFINED, &reported.function())?;
    Ok(reported)
}

#[wasm_bindgen_test]
async fn a_result_that_nobody_awaits_is_no_unhandled_rejection() -> Tested {
    let fake = FakeFetch::new(|_| json(404, "{}"));
    let client = fake.client()?;
    // Kept for the rest of the process, which its listener belongs to.
    let unhandled = Box::leak(Box::new(unhandled_rejections()?));
    Function::new_no_args("Promise.reject('seen')").call0(&UNDEFINED)?;
    until("a rejection nobody handles", || !unhandled.calls().is_empty()).await;
    assert_eq!(unhandled.calls(), [JsValue::from("seen")]);

    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    until("the request", || fake.count() == 1).await;
    let cancelled = watched(client.watch(extraction("b"), UNDEFINED))?;
    cancelled.cancel(&UNDEFINED);
    sleep(50).await;
    assert_eq!(unhandled.calls().len(), 1, "{:?}", unhandled.calls());
    assert_eq!(Failure::of(&rejected(watch.result()).await).code, "NOT_FOUND");
    Ok(())
}

#[wasm_bindgen_test]
async fn an_iterator_tells_an_error_once_and_then_is_at_its_end() -> Tested {
    let fake = FakeFetch::new(|request| if request.number == 1 { json(200, WAITING) } else { json(404, "{}") });
    let client = fake.client()?;
    let watch = watched(client.watch(extraction("b"), UNDEFINED))?;
    let iterator = iterate(&watch)?;
    assert!(next(&iterator).await?.is_some(), "its place in line");
    assert!(next(&iterator).await?.is_some());
    let error = rejected(iterator.next()?).await;
    assert_eq!(Failure::of(&error).code, "NOT_FOUND");
    assert!(is_same(&rejected(watch.result()).await, &error));
    assert!(next(&iterator).await?.is_none());
    Ok(())
}

#[wasm_bindgen_test]
async fn a_signal_or_a_closed_client_ends_the_iteration() -> Tested {
    let fake = FakeFetch::new(never);
    let client = fake.client()?;
    let (controller, reason) = (web_sys::AbortController::new()?, JsValue::from(Object::new()));
    let aborted = watched(client.watch(extraction("b"), object([("signal", controller.signal().into())])))?;
    let closed = watched(client.watch(extraction("b"), UNDEFINED))?;
    for watch in [&aborted, &closed] {
        assert!(next(&iterate(watch)?).await?.is_some(), "its place in line");
    }
    let steps = [Outcome::of(iterate(&aborted)?.next()?), Outcome::of(iterate(&closed)?.next()?)];
    until("the request", || fake.count() == 1).await;
    controller.abort_with_reason(&reason);
    support::one_macrotask().await;
    assert!(is_same(&steps[0].rejection(), &reason));
    assert!(steps[1].is_pending());
    client.close();
    support::one_macrotask().await;
    assert_eq!(Failure::of(&steps[1].rejection()).code, "CLOSED");
    Ok(())
}

#[wasm_bindgen_test]
async fn steps_asked_for_ahead_are_all_answered_by_the_end() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let watch = watched(fake.client()?.watch(extraction("b"), UNDEFINED))?;
    let iterator = iterate(&watch)?;
    let steps = [iterator.next()?, iterator.next()?, iterator.next()?, iterator.next()?];
    let mut ends = 0;
    for step in steps {
        ends += u32::from(member(&resolved(step).await?, "done").is_truthy());
    }
    assert_eq!(ends, 2, "the place in line, one progress, then the end");
    Ok(())
}

//! Ending a call by its signal: at once, with exactly the caller's reason, and nothing is left behind.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{Function, Object, Promise};
use support::fake_fetch::{DONE, FakeFetch, WAITING, json, never};
use support::standin::Standin;
use support::{
    Outcome, Tested, UNDEFINED, extraction, is_same, member, object, one_macrotask, own_name, rejected, resolved,
    sleep, until, watched, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{AbortController, AbortSignal};

type Method = fn(&ExtractaClient, JsValue, JsValue) -> Promise;

const METHODS: [Method; 2] = [ExtractaClient::get_batch_results, ExtractaClient::poll_until_done];

fn reason() -> JsValue {
    Object::new().into()
}

fn with_signal(signal: &AbortSignal) -> JsValue {
    object([("signal", signal.into())])
}

/// A client whose lane opens once an hour.
fn patient(fake: &FakeFetch) -> Result<ExtractaClient, JsValue> {
    ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", 3_600_000.into())]))
}

#[wasm_bindgen_test]
async fn an_abort_ends_a_sleeping_poll_within_one_macrotask_with_exactly_its_reason() -> Tested {
    let fake = FakeFetch::new(|_| json(200, WAITING));
    let client = fake.client()?;
    for (waits, requests) in [("intervalMs", 1), ("initialDelayMs", 0)] {
        let before = fake.count();
        let (controller, reason) = (AbortController::new()?, reason());
        let options = with_members(with_signal(&controller.signal()), [(waits, 300.into())]);
        let outcome = Outcome::of(client.poll_until_done(extraction("b"), options));
        until("the poll to sleep", || fake.count() >= before + requests).await;
        sleep(30).await;
        assert!(outcome.is_pending());
        controller.abort_with_reason(&reason);
        one_macrotask().await;
        assert!(is_same(&outcome.rejection(), &reason), "{waits}");
        let sent = fake.count();
        sleep(400).await;
        assert_eq!(fake.count(), sent, "{waits}: no request follows");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_ends_a_call_that_waits_for_its_turn_within_one_macrotask() -> Tested {
    for method in METHODS {
        let fake = FakeFetch::new(|_| json(200, DONE));
        let client = patient(&fake)?;
        resolved(client.get_batch_results(extraction("first"), UNDEFINED)).await?;
        let (controller, reason) = (AbortController::new()?, reason());
        let outcome = Outcome::of(method(&client, extraction("second"), with_signal(&controller.signal())));
        sleep(30).await;
        assert!(outcome.is_pending());
        controller.abort_with_reason(&reason);
        one_macrotask().await;
        assert!(is_same(&outcome.rejection(), &reason));
        assert_eq!(fake.count(), 1);
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_ends_a_call_that_waits_behind_a_request_and_its_place_is_given_up() -> Tested {
    let fake = FakeFetch::new(|request| if request.batch_id() == "stuck" { never(request) } else { json(200, DONE) });
    let client = fake.client()?;
    let (stuck, aborted) = (AbortController::new()?, AbortController::new()?);
    let first = Outcome::of(client.get_batch_results(extraction("stuck"), with_signal(&stuck.signal())));
    until("the first request", || fake.count() == 1).await;
    let second = Outcome::of(client.get_batch_results(extraction("never sent"), with_signal(&aborted.signal())));
    let third = client.get_batch_results(extraction("third"), UNDEFINED);
    sleep(20).await;
    aborted.abort();
    one_macrotask().await;
    assert_eq!(member(&second.rejection(), "name"), "AbortError");
    assert!(first.is_pending(), "other calls go on");
    stuck.abort();
    assert_eq!(member(&resolved(third).await?, "done"), true);
    let sent: Vec<_> = fake.requests().iter().map(support::fake_fetch::Request::batch_id).collect();
    assert_eq!(sent, ["stuck", "third"]);
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_ends_a_request_under_way_and_the_fetch_below_it() -> Tested {
    for method in METHODS {
        let fake = FakeFetch::new(never);
        let client = fake.client()?;
        let (controller, reason) = (AbortController::new()?, reason());
        let outcome = Outcome::of(method(&client, extraction("b"), with_signal(&controller.signal())));
        until("the request", || fake.count() == 1).await;
        let signal = fake.requests()[0].signal();
        assert!(outcome.is_pending() && !signal.aborted());
        controller.abort_with_reason(&reason);
        one_macrotask().await;
        assert!(is_same(&outcome.rejection(), &reason));
        assert!(signal.aborted(), "fetch is reported");
        sleep(50).await;
        assert_eq!(fake.count(), 1, "no request follows");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_ends_the_wait_for_a_token() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let provider = Function::new_no_args("return new Promise(() => {})");
    let client = ExtractaClient::new(with_members(fake.options(), [("token", provider.into())]))?;
    let (controller, reason) = (AbortController::new()?, reason());
    let outcome = Outcome::of(client.get_batch_results(extraction("b"), with_signal(&controller.signal())));
    one_macrotask().await;
    controller.abort_with_reason(&reason);
    one_macrotask().await;
    assert!(is_same(&outcome.rejection(), &reason));
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_signal_aborted_before_sends_nothing() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    for method in METHODS {
        let reason = reason();
        let options = with_signal(&AbortSignal::abort_with_reason(&reason));
        assert!(is_same(&rejected(method(&client, extraction("b"), options)).await, &reason));
    }
    let watch = watched(client.watch(extraction("b"), with_signal(&AbortSignal::abort())))?;
    assert_eq!(member(&rejected(watch.result()).await, "name"), "AbortError");
    sleep(30).await;
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_by_the_listener_of_progress_ends_the_poll() -> Tested {
    let fake = FakeFetch::new(|_| json(200, WAITING));
    let client = fake.client()?;
    let (controller, reason) = (AbortController::new()?, reason());
    let abort = Function::new_with_args("controller, reason", "return () => controller.abort(reason);");
    let on_progress = abort.call2(&UNDEFINED, &controller, &reason)?;
    let options = with_members(with_signal(&controller.signal()), [("onProgress", on_progress)]);
    assert!(is_same(&rejected(client.poll_until_done(extraction("b"), options)).await, &reason));
    sleep(30).await;
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn an_abort_after_the_end_changes_nothing() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    let controller = AbortController::new()?;
    let promise = client.get_batch_results(extraction("b"), with_signal(&controller.signal()));
    resolved(promise.clone()).await?;
    controller.abort();
    assert_eq!(member(&resolved(promise).await?, "done"), true);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_signal_that_outlives_its_calls_keeps_no_listener_of_them() -> Tested {
    let fake = FakeFetch::new(|request| match request.batch_id().as_str() {
        "refused" => json(404, "{}"),
        "stuck" => never(request),
        _ => json(200, DONE),
    });
    let client = fake.client()?;
    let counted = Function::new_with_args(
        "signal",
        "const kept = signal.kept = [];
         const { addEventListener, removeEventListener } = signal;
         signal.addEventListener = (...given) => { kept.push(given[1]); addEventListener.apply(signal, given); };
         signal.removeEventListener = (...given) => {
           const at = kept.indexOf(given[1]);
           if (at >= 0) kept.splice(at, 1);
           removeEventListener.apply(signal, given);
         };",
    );
    let controller = AbortController::new()?;
    let signal = controller.signal();
    counted.call1(&UNDEFINED, &signal)?;
    let kept = || js_sys::Array::from(&member(&signal, "kept")).length();

    let listening = client.get_batch_results(extraction("b"), with_signal(&signal));
    assert_eq!(kept(), 1, "a call listens while it runs");
    resolved(listening).await?;
    assert_eq!(kept(), 0, "after a result");
    for method in METHODS {
        resolved(method(&client, extraction("b"), with_signal(&signal))).await?;
        rejected(method(&client, extraction("refused"), with_signal(&signal))).await;
        assert_eq!(kept(), 0, "after a result and an error");
    }
    rejected(client.get_batch_results(UNDEFINED, with_signal(&signal))).await;
    assert_eq!(kept(), 0, "after a bad option");
    let stuck = client.poll_until_done(extraction("stuck"), with_signal(&signal));
    assert_eq!(kept(), 1);
    controller.abort();
    rejected(stuck).await;
    assert_eq!(kept(), 0, "after an abort");
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn an_abort_ends_a_real_request_and_the_next_keeps_the_floor() -> Tested {
    let standin = Standin::fast();
    let token = own_name("abort");
    let client = standin.client(&token)?;
    let (controller, reason) = (AbortController::new()?, reason());
    let outcome = Outcome::of(client.get_batch_results(extraction("never-answers"), with_signal(&controller.signal())));
    standin.until_arrived(&token, 1).await?;
    assert!(outcome.is_pending());
    controller.abort_with_reason(&reason);
    one_macrotask().await;
    assert!(is_same(&outcome.rejection(), &reason));
    resolved(client.get_batch_results(extraction("done"), UNDEFINED)).await?;
    standin.until_arrived(&token, 2).await?;
    let gaps = &standin.gaps(&token).await?["/getBatchResults"];
    assert_eq!((gaps.count, gaps.violations), (2, 0));
    Ok(())
}

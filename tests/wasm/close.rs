//! Closing a client: everything pending ends, nothing new begins, and nothing traps.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use support::fake_fetch::{DONE, FakeFetch, WAITING, json, never};
use support::{
    Failure, Outcome, Tested, UNDEFINED, classification, extraction, failure, object, one_macrotask, resolved, sleep,
    until, watched, with_members,
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

fn assert_closed(outcome: &Outcome) {
    let failure = Failure::of(&outcome.rejection());
    assert_eq!((failure.code.as_str(), failure.retryable), ("CLOSED", false), "{failure:?}");
}

#[wasm_bindgen_test]
async fn closing_rejects_everything_pending_and_sends_nothing_more() -> Tested {
    let fake = FakeFetch::new(never);
    let client = fake.client()?;
    let asleep = object([("initialDelayMs", 200.into())]);
    let pending = [
        Outcome::of(client.get_batch_results(extraction("under way"), UNDEFINED)),
        Outcome::of(client.get_batch_results(extraction("waits for its turn"), UNDEFINED)),
        Outcome::of(client.poll_until_done(extraction("too"), UNDEFINED)),
        Outcome::of(client.poll_until_done(classification("asleep"), asleep)),
        Outcome::of(watched(client.watch(extraction("watched"), UNDEFINED))?.result()),
    ];
    until("the first request", || fake.count() > 0).await;
    assert!(pending.iter().all(Outcome::is_pending));
    client.close();
    let sent = fake.requests();
    one_macrotask().await;
    pending.iter().for_each(assert_closed);
    assert!(sent.iter().all(|request| request.signal().aborted()), "what is under way is aborted");
    sleep(300).await;
    assert_eq!(fake.count(), sent.len());
    Ok(())
}

/// What the garbage collector does to a client that nobody holds any more.
#[wasm_bindgen_test]
async fn dropping_the_client_leaves_its_calls_running() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number == 1 { WAITING } else { DONE }));
    let client = fake.client()?;
    let poll = client.poll_until_done(extraction("b"), UNDEFINED);
    drop(client);
    resolved(poll).await?;
    assert_eq!(fake.count(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_closed_client_rejects_every_call_and_may_be_closed_again() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = fake.client()?;
    client.close();
    client.close();
    for call in [
        client.get_batch_results(extraction("b"), UNDEFINED),
        client.get_classification_results(classification("b"), UNDEFINED),
        client.poll_until_done(extraction("b"), UNDEFINED),
    ] {
        assert_eq!(failure(call).await.code, "CLOSED");
    }
    match client.watch(extraction("b"), UNDEFINED) {
        Ok(_) => return Err("a watch was begun".into()),
        Err(error) => assert_eq!(Failure::of(&error).code, "CLOSED"),
    }
    one_macrotask().await;
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn closing_takes_nothing_from_what_has_settled_or_from_other_clients() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number < 3 { WAITING } else { DONE }));
    let (closed, other) = (fake.client()?, fake.client()?);
    let settled = closed.get_batch_results(extraction("b"), UNDEFINED);
    resolved(settled.clone()).await?;
    let poll = other.poll_until_done(extraction("b"), UNDEFINED);
    closed.close();
    resolved(settled).await?;
    resolved(poll).await?;
    assert_eq!(fake.count(), 3);
    Ok(())
}

#[wasm_bindgen_test]
async fn closing_from_within_a_callback_ends_the_poll() -> Tested {
    let fake = FakeFetch::new(|_| json(200, WAITING));
    let client = std::rc::Rc::new(fake.client()?);
    let closing = client.clone();
    let on_progress = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || closing.close()).into_js_value();
    let poll = client.poll_until_done(extraction("b"), object([("onProgress", on_progress)]));
    assert_eq!(failure(poll).await.code, "CLOSED");
    assert_eq!(fake.count(), 0);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_request_that_close_cut_off_still_counts_for_the_floor() -> Tested {
    let fake = FakeFetch::new(|request| if request.number == 1 { never(request) } else { json(200, DONE) });
    let with_floor = || ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", 200.into())]));
    let client = with_floor()?;
    let cut_off = Outcome::of(client.get_batch_results(extraction("b"), UNDEFINED));
    until("the request", || fake.count() == 1).await;
    client.close();
    one_macrotask().await;
    assert_closed(&cut_off);
    resolved(with_floor()?.get_batch_results(extraction("b"), UNDEFINED)).await?;
    let requests = fake.requests();
    assert!(requests[1].at - requests[0].at >= 199.0, "{} and {}", requests[0].at, requests[1].at);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_signal_aborted_after_close_is_harmless() -> Tested {
    let fake = FakeFetch::new(never);
    let client = fake.client()?;
    let controller = AbortController::new()?;
    let options = object([("signal", controller.signal().into())]);
    let outcome = Outcome::of(client.get_batch_results(extraction("b"), options));
    until("the request", || fake.count() == 1).await;
    client.close();
    controller.abort();
    one_macrotask().await;
    assert_closed(&outcome);
    Ok(())
}

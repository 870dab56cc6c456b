//! The 2-second rule as the server sees it. The stand-in judges by the moments of arrival, so connecting, a preflight and
//! the way there count. Nothing here says how fast requests must be, only that none comes too soon.

use crate::support;
use extracta_wasm::js::client::ExtractaClient;
use js_sys::{Array, Promise};
use support::fake_fetch::{DONE, FakeFetch, json};
use support::standin::Standin;
use support::{
    Tested, UNDEFINED, classification, extraction, member, now, object, own_name, resolved, sleep, with_members,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use wasm_bindgen_test::wasm_bindgen_test;

const FLOOR_MS: f64 = 2_000.0;

/// Waits for all at once, so that no rejection goes unhandled while another promise is awaited.
async fn settle_all(calls: &[Promise]) -> Result<Vec<JsValue>, JsValue> {
    let all = resolved(Promise::all(&calls.iter().collect::<Array>())).await?;
    Ok(all.unchecked_into::<Array>().iter().collect())
}

async fn all_done(calls: &[Promise]) -> Tested {
    for results in settle_all(calls).await? {
        assert_eq!(member(&results, "done"), true);
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn ten_requests_of_one_poll_arrive_two_seconds_apart_the_cold_first_included() -> Tested {
    let standin = Standin::real();
    let token = own_name("ten");
    // The other endpoint has a floor of its own, so a poll of each runs at the same time.
    let client = standin.client(&token)?;
    let both = [
        client.poll_until_done(extraction("waits-9"), UNDEFINED),
        client.poll_until_done(classification("waits-9"), UNDEFINED),
    ];
    all_done(&both).await?;
    let gaps = standin.gaps(&token).await?;
    assert_eq!(gaps.len(), 2);
    for (path, gaps) in gaps {
        assert_eq!((gaps.count, gaps.violations), (10, 0), "{path}: {gaps:?}");
        assert!(gaps.smallest_gap_ms.is_some_and(|ms| ms >= FLOOR_MS), "{path}: {gaps:?}");
    }
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn polls_started_at_once_by_two_clients_share_one_floor_with_single_calls() -> Tested {
    let standin = Standin::real();
    let token = own_name("shared");
    let clients = [standin.client(&token)?, standin.client(&token)?];
    let [one, other] = &clients;
    let polls = [
        one.poll_until_done(extraction("waits-1"), UNDEFINED),
        other.poll_until_done(extraction("http-503-then-done"), UNDEFINED),
        one.poll_until_done(extraction("done"), UNDEFINED),
        other.poll_until_done(extraction("files-2"), UNDEFINED),
        one.poll_until_done(extraction("with-failure"), UNDEFINED),
        other.get_batch_results(extraction("files-1"), UNDEFINED),
    ];
    all_done(&polls).await?;
    let gaps = &standin.gaps(&token).await?["/getBatchResults"];
    assert_eq!((gaps.count, gaps.violations), (9, 0), "{gaps:?}");
    assert!(gaps.smallest_gap_ms.is_some_and(|ms| ms >= FLOOR_MS), "{gaps:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn the_floor_counts_from_the_answer_when_that_was_slow() -> Tested {
    // Headers after 150 ms: as the server sees it, the request may have arrived that late.
    let fake = FakeFetch::new(|_| {
        wasm_bindgen_futures::future_to_promise(async {
            support::sleep(150).await;
            resolved(json(200, DONE)).await
        })
    });
    let options = with_members(fake.options(), [("minIntervalMs", 200.into())]);
    let client = extracta_wasm::js::client::ExtractaClient::new(options)?;
    for _ in 0..3 {
        resolved(client.get_batch_results(extraction("b"), UNDEFINED)).await?;
    }
    for pair in fake.requests().windows(2) {
        assert!(pair[1].at - pair[0].at >= 349.0, "{} and {}", pair[0].at, pair[1].at);
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn one_request_is_under_way_at_a_time_and_the_largest_floor_of_a_lane_counts() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = |ms: u32| {
        extracta_wasm::js::client::ExtractaClient::new(with_members(fake.options(), [("minIntervalMs", ms.into())]))
    };
    let (quick, patient) = (client(1)?, client(150)?);
    // Of a batch each: equal requests are sent once.
    let batches = ["a", "b", "c", "d"].map(extraction).into_iter();
    let asked = [&patient, &patient, &quick, &quick].into_iter().zip(batches);
    let calls: Vec<Promise> = asked.map(|(client, batch)| client.get_batch_results(batch, UNDEFINED)).collect();
    settle_all(&calls).await?;
    let requests = fake.requests();
    assert_eq!(requests.len(), 4);
    for pair in requests.windows(2) {
        assert!(pair[1].at - pair[0].at >= 149.0, "{} and {}", pair[0].at, pair[1].at);
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn idle_time_earns_no_burst() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let options = with_members(fake.options(), [("minIntervalMs", 100.into())]);
    let client = extracta_wasm::js::client::ExtractaClient::new(options)?;
    resolved(client.get_batch_results(extraction("b"), UNDEFINED)).await?;
    support::sleep(500).await;
    let woken_at = now();
    let calls: Vec<Promise> =
        ["a", "b", "c"].into_iter().map(|id| client.get_batch_results(extraction(id), UNDEFINED)).collect();
    settle_all(&calls).await?;
    let late: Vec<_> = fake.requests().iter().map(|request| request.at).filter(|at| *at >= woken_at).collect();
    assert_eq!(late.len(), 3);
    assert!(late.windows(2).all(|pair| pair[1] - pair[0] >= 99.0), "{late:?}");
    Ok(())
}

#[wasm_bindgen_test]
async fn endpoints_and_tokens_do_not_hold_each_other_up() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = |token: &str| {
        let more = [("minIntervalMs", 3_600_000.into()), ("token", token.into())];
        extracta_wasm::js::client::ExtractaClient::new(with_members(fake.options(), more))
    };
    let (one, other) = (client("one")?, client("other")?);
    // With a lane shared between any two, one of these would wait for an hour.
    let calls = [
        one.get_batch_results(extraction("b"), UNDEFINED),
        one.get_classification_results(classification("b"), UNDEFINED),
        other.get_batch_results(extraction("b"), UNDEFINED),
        other.get_classification_results(classification("b"), UNDEFINED),
    ];
    settle_all(&calls).await?;
    let held_up = support::Outcome::of(one.get_batch_results(extraction("b"), UNDEFINED));
    support::sleep(100).await;
    assert!(held_up.is_pending() && fake.count() == 4);
    one.close();
    Ok(())
}

#[wasm_bindgen_test]
async fn a_call_that_allows_its_request_more_time_keeps_the_lane_for_as_long() -> Tested {
    // The lane gives up a request a second after its limit: that of the one that waits would be over long before.
    const ANSWER_MS: u32 = 5_000;
    let fake = FakeFetch::new(|request| {
        let first = request.number == 1;
        future_to_promise(async move {
            if first {
                sleep(ANSWER_MS).await;
            }
            resolved(json(200, DONE)).await
        })
    });
    let client = ExtractaClient::new(with_members(fake.options(), [("requestTimeoutMs", 3_000.into())]))?;
    let patient = object([("requestTimeoutMs", 60_000.into())]);
    let calls = [
        client.get_batch_results(extraction("slow"), patient),
        client.get_batch_results(extraction("next"), UNDEFINED),
    ];
    all_done(&calls).await?;
    let requests = fake.requests();
    assert!(requests[1].at - requests[0].at >= f64::from(ANSWER_MS), "two requests were in flight");
    Ok(())
}

//! An hour in which the server answers 503 to everyone: how often it is asked meanwhile, and what comes after.

use extracta_wasm::core::poll::Plan;
use simulation::any::{FLOOR_MS, PLAN, steady};
use simulation::{End, Request, Scenario, Script, Trace, run};

const FROM_MS: f64 = 60_000.0;
const UNTIL_MS: f64 = FROM_MS + 3_600_000.0;
/// No wait of a poll's own is longer: half a minute, and a quarter of it to spread the polls.
const LONGEST_WAIT_MS: f64 = 37_500.0;

/// So many batches, none finished before the outage, all of them during it.
fn over_an_hour(batches: usize) -> Trace {
    let plan = Plan { timeout_ms: f64::INFINITY, max_retries: 10_000, ..PLAN };
    let script = Script { plan, ..steady(0.0, 5.0, 1_800_000.0) };
    let outage = Some((FROM_MS, UNTIL_MS));
    let scripts = vec![script; batches];
    run(&Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: 2.0 * UNTIL_MS, outage, ..Scenario::default() })
}

fn between(trace: &Trace, from_ms: f64, until_ms: f64) -> Vec<Request> {
    trace.requests.iter().filter(|request| (from_ms..until_ms).contains(&request.started_at)).copied().collect()
}

#[test]
fn fifty_batches_ask_no_more_often_than_one_lane_may_and_all_arrive_soon_afterwards() {
    let trace = over_an_hour(50);
    let meanwhile = between(&trace, FROM_MS, UNTIL_MS).len() as f64;
    assert!(meanwhile <= 3_600_000.0 / FLOOR_MS, "{meanwhile} requests");
    assert!(trace.floor_violations(FLOOR_MS).is_empty(), "no burst either");

    let after = between(&trace, UNTIL_MS, f64::INFINITY);
    assert_eq!(after.len(), 50, "each is asked for once more");
    assert!(after.first().is_some_and(|first| first.started_at <= UNTIL_MS + 2.0 * FLOOR_MS), "{:?}", after.first());
    let soon_ms = UNTIL_MS + LONGEST_WAIT_MS + 51.0 * (FLOOR_MS + 200.0);
    assert!(trace.lives.iter().all(|life| life.end == End::Finished && life.ended_at <= soon_ms));
}

#[test]
fn a_batch_alone_asks_every_half_minute_and_arrives_within_one() {
    let trace = over_an_hour(1);
    let meanwhile = between(&trace, FROM_MS, UNTIL_MS).len();
    assert!((90..=130).contains(&meanwhile), "{meanwhile} requests");
    let [life] = trace.lives.as_slice() else { panic!("one batch, one life") };
    assert!(life.end == End::Finished && life.ended_at <= UNTIL_MS + LONGEST_WAIT_MS + 1_000.0, "{life:?}");
}

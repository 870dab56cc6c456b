//! What the order costs: slots, time, memory and wake-ups.

use std::hint::black_box;
use std::time::Instant;

use extracta_wasm::core::lane::{Claim, Lane, Turn};
use serde_json::{Value, json};

use crate::batches::{Durations, Load, Sizes};
use crate::ours::{BACK_MS, GAP_MS, Hints, THERE_MS, trace};

const MANY: u32 = 10_000;

/// Prints all of it; gives the slots used.
pub(crate) fn print() -> Vec<Value> {
    println!("\nCost");
    let slots = [20, 200, 1_000].map(slots).into();
    decisions();
    slots
}

/// A saturated lane: the requests made, against those that the spacing allows.
fn slots(batches: usize) -> Value {
    let sizes = Sizes::Even;
    let load = Load { name: "", batches, sizes, durations: Durations::AsGuessed, arrivals_ms: 0.0, seeds: 1 };
    let trace = trace(&load.draw(1), Hints::Times(1.0));
    let (first, last) = (trace.requests[0].started_at, trace.requests[trace.requests.len() - 1].started_at);
    let possible = (last - first) / (THERE_MS + BACK_MS + GAP_MS) + 1.0;
    let used = trace.requests.len() as f64;
    let (asks, polls) = trace.lives.iter().fold((0, 0), |sum, life| (sum.0 + life.asks, sum.1 + life.polls));
    println!(
        "{batches} batches: {used} of {possible:.1} slots used, {:.2} % lost; a waiter wakes {:.0} times on average, {:.1} per \
         request of the lane",
        100.0 * (1.0 - used / possible),
        f64::from(asks) / batches as f64,
        f64::from(asks) / f64::from(polls),
    );
    json!({ "batches": batches, "used": used, "possible": possible })
}

/// A lane with many live claims, each asking when it promised to.
fn decisions() {
    let mut lane = Lane::default();
    lane.spacing.require_floor(2_000.0);
    lane.spacing.started(0.0, 31_000.0);
    lane.spacing.ended(0.0, 50.0);
    let claim = |ticket: u32| Claim { expected_files: (ticket % 50) as f32, ..Claim::new(ticket, 100.0, 60.0) };
    let began = Instant::now();
    for ticket in 0..MANY {
        lane.ask(claim(ticket), 30_000.0, 100.0);
    }
    let enlisting = began.elapsed();
    // Asked for another slot each time, so that every delay is worked out anew: the dearest there is.
    let times = 200;
    let began = Instant::now();
    for nth in 0..times {
        lane.spacing.stay_closed(10_000.0 + 400.0 * f64::from(nth), 0.0);
        if let Turn::Go = black_box(lane.ask(claim(nth), 30_000.0, 200.0)) {
            println!("a closed lane let somebody go");
        }
    }
    let dearest = began.elapsed() / times;
    let began = Instant::now();
    for nth in 0..times {
        black_box(lane.ask(claim(nth), 30_000.0, 201.0));
    }
    let usual = began.elapsed() / times;
    println!(
        "{MANY} live claims, natively on this machine: {:.0} us for a decision that compares all anew, {:.0} us for one for the \
         same slot, {:.0} ms to enlist all; {:.1} MiB of queue",
        dearest.as_secs_f64() * 1e6,
        usual.as_secs_f64() * 1e6,
        enlisting.as_secs_f64() * 1e3,
        lane.queue.bytes() as f64 / 1_048_576.0,
    );
}

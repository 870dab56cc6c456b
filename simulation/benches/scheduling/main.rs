//! What the order of polls is worth: the delay from a batch's finish to its notification, under our order and others, over
//! the same strictly spaced slots. Run with `cargo xtask bench scheduling`. With `--json FILE` the figures go into a file as
//! well; with `--up-to N` loads of more batches are left out, which take longer than all others together; with `--short` few
//! seeds and requests tell whether the measurement works, and its figures mean nothing.

// A measurement that cannot be made is to stop the program.
#![allow(clippy::indexing_slicing)]

mod batches;
mod cost;
mod floor;
mod ours;
mod policies;
mod table;

use std::process::ExitCode;

use batches::{LOADS, Load};
use ours::Hints;
use policies::Policy;
use serde_json::{Value, json};
use table::{Delays, Row};

const OTHERS: [(&str, Policy); 3] = [
    ("serial await", Policy::Serial),
    ("naive 2 s loops, FIFO limiter", Policy::NaiveLoops),
    ("private backoff x1.5, FIFO limiter", Policy::Backoff),
];

const OURS: [(&str, Hints); 6] = [
    ("ours", Hints::Times(1.0)),
    ("ours, replies show final files", Hints::AndProgress),
    ("ours, no hints", Hints::None),
    ("ours, every other one hinted", Hints::ForHalf),
    ("ours, hints 10 times too high", Hints::Times(10.0)),
    ("ours, hints 10 times too low", Hints::Times(0.1)),
];

/// Seeds of a load, and requests of random scenarios, of a short run.
const SHORT: (u64, usize) = (2, 10_000);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let is_short = arguments.iter().any(|argument| argument == "--short");
    let value = |option| arguments.iter().skip_while(|argument| *argument != option).nth(1);
    let file = value("--json");
    let most = value("--up-to").and_then(|number| number.parse().ok()).unwrap_or(usize::MAX);
    println!(
        "Delay from a batch's finish to its notification. Slots: {} ms there, {} ms back, the next start {} ms after the \
         headers. mean, p95 and max are ratios to round robin; max is the mean of the runs' largest.",
        ours::THERE_MS,
        ours::BACK_MS,
        ours::GAP_MS
    );
    let mut loads = Vec::new();
    for load in LOADS.into_iter().filter(|load| load.batches <= most) {
        let load = if is_short { Load { seeds: SHORT.0, ..load } } else { load };
        let rows = rows(&load);
        print!("{}{}", table::head(load.name, load.seeds), rows.iter().map(Row::to_string).collect::<String>());
        let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
        loads.push(json!({ "name": load.name, "batches": load.batches, "seeds": load.seeds, "orders": rows }));
    }
    let slots = cost::print();
    let floor = floor::count(if is_short { SHORT.1 } else { floor::REQUESTS });
    if let Some(file) = file {
        let figures = json!({ "loads": loads, "slots": slots, "floor": floor.to_json() });
        if let Err(error) = std::fs::write(file, figures.to_string()) {
            eprintln!("cannot write {file}: {error}");
            return ExitCode::FAILURE;
        }
    }
    if floor.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What came of each order under a load.
fn rows(load: &Load) -> Vec<Row> {
    let figures = |delays: &(dyn Fn(u64) -> Vec<f64> + Sync)| figures(load, delays);
    let others = |policy: Policy| figures(&|seed| policy.delays(&load.draw(seed)));
    let (round_robin, clairvoyant) = (others(Policy::RoundRobin), others(Policy::Clairvoyant));
    let row = |name, own: &_| Row::new(name, own, &round_robin, &clairvoyant);
    let mut rows: Vec<Row> = OTHERS.map(|(name, policy)| row(name, &others(policy))).into();
    rows.push(row("round robin", &round_robin));
    for (name, hints) in OURS {
        rows.push(row(name, &figures(&|seed| ours::delays(&load.draw(seed), hints))));
    }
    rows.push(row("clairvoyant", &clairvoyant));
    rows
}

/// Both halves of the seeds at once.
fn figures(load: &Load, delays: &(dyn Fn(u64) -> Vec<f64> + Sync)) -> table::Figures {
    let runs = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || (0..load.seeds).filter(|seed| seed % 2 == half).map(delays).collect::<Vec<_>>())
        });
        halves.map(|half| half.join().unwrap_or_default())
    });
    let mut all = Delays::default();
    for run in runs.into_iter().flatten() {
        all.add(run);
    }
    all.figures()
}

//! What the order of polls is worth: the delay from a batch's finish to its notification, under our order and others, over
//! the same strictly spaced slots. Run with `cargo xtask bench scheduling`.

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
use table::{Delays, Figures};

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

fn main() -> ExitCode {
    println!(
        "Delay from a batch's finish to its notification. Slots: {} ms there, {} ms back, the next start {} ms after the \
         headers. mean, p95 and max are ratios to round robin; max is the mean of the runs' largest.",
        ours::THERE_MS,
        ours::BACK_MS,
        ours::GAP_MS
    );
    for load in &LOADS {
        print(load);
    }
    cost::print();
    if floor::holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(load: &Load) {
    let others = |policy: Policy| figures(load, |seed| policy.delays(&load.draw(seed)));
    let (round_robin, clairvoyant) = (others(Policy::RoundRobin), others(Policy::Clairvoyant));
    let show = |name: &str, own: &Figures| print!("{}", table::row(name, own, &round_robin, &clairvoyant));
    print!("{}", table::head(load.name, load.seeds));
    for (name, policy) in OTHERS {
        show(name, &others(policy));
    }
    show("round robin", &round_robin);
    for (name, hints) in OURS {
        show(name, &figures(load, |seed| ours::delays(&load.draw(seed), hints)));
    }
    show("clairvoyant", &clairvoyant);
}

/// Both halves of the seeds at once.
fn figures(load: &Load, delays: impl Fn(u64) -> Vec<f64> + Sync) -> Figures {
    let runs = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let delays = &delays;
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

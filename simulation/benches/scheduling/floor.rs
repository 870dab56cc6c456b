//! The 2-second rule over a million requests of random scenarios.

use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use simulation::any::{FLOOR_MS, any_scenario};
use simulation::run;

/// How many requests a full run makes.
pub(crate) const REQUESTS: usize = 1_000_000;

/// What the server saw of random scenarios.
pub(crate) struct Seen {
    least: usize,
    requests: usize,
    violations: usize,
}

impl Seen {
    /// Whether it saw the floor kept in all of them.
    pub(crate) fn holds(&self) -> bool {
        self.violations == 0 && self.requests >= self.least
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "requests": self.requests, "violations": self.violations })
    }
}

/// Runs random scenarios until they have made so many requests.
pub(crate) fn count(least: usize) -> Seen {
    let began = Instant::now();
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let any = any_scenario(25);
    let (mut requests, mut scenarios, mut violations) = (0, 0, 0);
    while requests < least {
        let Ok(scenario) = any.new_tree(&mut runner) else { break };
        let trace = run(&scenario.current());
        scenarios += 1;
        requests += trace.requests.len();
        violations += trace.floor_violations(FLOOR_MS).len();
    }
    println!(
        "\n{requests} requests, {violations} floor violations ({scenarios} random scenarios of slow, lost and refused requests, \
         late timers, stalls, aborts, vanished waiters and restarts; {:.0} s)",
        began.elapsed().as_secs_f64()
    );
    Seen { least, requests, violations }
}

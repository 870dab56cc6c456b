//! The 2-second rule, as the server sees it.

use proptest::prelude::*;
use simulation::any::{END_MS, FLOOR_MS, any_scenario};
use simulation::run;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// P1 to P5, P12, P16: whatever the server, the runtime and the waiters do, restarts included.
    #[test]
    fn no_two_requests_come_closer_than_the_floor(scenario in any_scenario(20)) {
        let trace = run(&scenario);
        let violations = trace.floor_violations(FLOOR_MS);
        prop_assert!(violations.is_empty(), "{:#?}", violations);
        for lane in 0..2 {
            let requests = trace.of_lane(lane);
            for (one, next) in requests.iter().zip(requests.iter().skip(1)) {
                // In a long stall an answer may arrive after its request was given up, and these moments are the
                // process's own: what another process may do follows from what the server saw.
                let one_life = scenario.stalls.is_empty() && scenario.restart.is_none();
                let in_time = one.answered_at.filter(|_| one_life);
                prop_assert!(in_time.is_none_or(|answered_at| next.started_at >= answered_at + FLOOR_MS), "{:?} {:?}", one, next);
            }
            let most = (END_MS / FLOOR_MS).ceil() as usize + 1;
            prop_assert!(requests.len() <= most);
        }
    }
}

//! The 2-second rule, as the server sees it.

use proptest::prelude::*;
use simulation::any::{END_MS, FLOOR_MS, any_scenario};
use simulation::run;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// P1, P2, P4, P5, P12, P16: whatever the server, the runtime and the waiters do, restarts included.
    #[test]
    fn no_two_requests_come_closer_than_the_floor(scenario in any_scenario(20)) {
        let trace = run(&scenario);
        let violations = trace.floor_violations(FLOOR_MS);
        prop_assert!(violations.is_empty(), "{:#?}", violations);
        for lane in 0..2 {
            let most = (END_MS / FLOOR_MS).ceil() as usize + 1;
            prop_assert!(trace.of_lane(lane).len() <= most);
        }
    }
}

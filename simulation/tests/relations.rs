//! Runs that must resemble each other.

use extracta_wasm::core::poll::Plan;
use proptest::prelude::*;
use simulation::any::{END_MS, FLOOR_MS, PLAN, any_scenario, steady};
use simulation::{Restart, Scenario, Script, run};

/// Who started a request when, on one lane.
fn starts(scenario: &Scenario, lane: usize) -> Vec<(usize, f64)> {
    run(scenario).of_lane(lane).iter().map(|request| (request.waiter, request.started_at)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// P13.
    #[test]
    fn the_same_scenario_runs_the_same_way(scenario in any_scenario(15)) {
        prop_assert_eq!(run(&scenario).requests, run(&scenario).requests);
    }

    #[test]
    fn a_lane_knows_nothing_of_another(scenario in any_scenario(15)) {
        let mut scenario = scenario;
        let together = starts(&scenario, 0);
        for script in &mut scenario.scripts {
            if script.lane == 1 {
                script.begins_at = 2.0 * END_MS;
                script.nudges.clear();
            }
        }
        prop_assert_eq!(together, starts(&scenario, 0));
    }

    #[test]
    fn batches_in_another_order_are_polled_in_that_order(
        batches in prop::collection::vec((0.0..50_000.0_f64, 1.0..60.0_f64, 1_000.0..200_000.0_f64), 2..15),
    ) {
        let scripts: Vec<Script> = batches.iter().map(|(at, files, lasts_ms)| steady(*at, *files, *lasts_ms)).collect();
        let forward = Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: END_MS, ..Scenario::default() };
        let mut backward = forward.clone();
        backward.scripts.reverse();
        let last = batches.len() - 1;
        let renamed: Vec<_> = starts(&backward, 0).into_iter().map(|(waiter, at)| (last - waiter, at)).collect();
        prop_assert_eq!(starts(&forward, 0), renamed);
    }

    #[test]
    fn twice_as_slow_a_world_is_polled_half_as_often_in_the_same_order(
        begins_at in prop::collection::vec(0.0..1_500.0_f64, 2..12),
    ) {
        // In a lane without hints, whose order depends on no duration that we assume; all there before the second slot, as
        // the millisecond that timers may be early is the same in every world.
        let world = |times: f64| {
            let floor_ms = times * FLOOR_MS;
            let plan = Plan { interval_ms: floor_ms, floor_ms, ..PLAN };
            let slow = |at: &f64| Script {
                plan,
                there_ms: times * 40.0,
                back_ms: times * 60.0,
                body_ms: times * 5.0,
                ..steady(times * at, 0.0, f64::INFINITY)
            };
            let scripts = begins_at.iter().map(slow).collect();
            let scenario =
                Scenario { scripts, lanes: 1, floor_ms, end_ms: times * 100_000.0, ..Scenario::default() };
            starts(&scenario, 0).into_iter().map(|(waiter, _)| waiter).take(40).collect::<Vec<_>>()
        };
        let (once, twice) = (world(1.0), world(2.0));
        prop_assert_eq!(once, twice);
    }

    /// P12: a process that ends and another that takes over come to the same end.
    #[test]
    fn a_restart_changes_no_outcome(
        lasts_ms in prop::collection::vec(1_000.0..60_000.0_f64, 1..6),
        at in 0.0..80_000.0_f64,
        wall_back_ms in prop_oneof![Just(0.0), 0.0..1e6_f64],
    ) {
        let scripts: Vec<_> = lasts_ms.iter().map(|lasts_ms| steady(0.0, 5.0, *lasts_ms)).collect();
        let whole = Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: END_MS, ..Scenario::default() };
        let restart = Some(Restart { at, down_ms: 500.0, wall_back_ms });
        let broken = run(&Scenario { restart, ..whole.clone() });
        prop_assert!(broken.floor_violations(FLOOR_MS).is_empty());
        for (one, other) in run(&whole).lives.iter().zip(&broken.lives) {
            prop_assert_eq!(one.end, other.end);
        }
    }
}

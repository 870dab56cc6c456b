//! Everyone's turn comes, no slot is lost, and nobody depends on anybody else.

use proptest::prelude::*;
use simulation::any::{FLOOR_MS, PLAN, any_scenario, steady};
use simulation::{Answer, End, Leaves, Scenario, Script, Trace, run};

const GAP_MS: f64 = FLOOR_MS + 1.0;
const END_MS: f64 = 400_000.0;

fn among(scripts: Vec<Script>) -> Trace {
    run(&Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: END_MS, ..Scenario::default() })
}

/// Longest time between two requests of a waiter that is live from 0 to the end.
fn longest_gap(trace: &Trace, waiter: usize) -> f64 {
    let own = trace.requests.iter().filter(|request| request.waiter == waiter).map(|request| request.started_at);
    let moments: Vec<_> = std::iter::once(0.0).chain(own).chain([END_MS]).collect();
    moments.iter().zip(moments.iter().skip(1)).map(|(one, next)| next - one).fold(0.0, f64::max)
}

fn any_live() -> impl Strategy<Value = Script> {
    let sizes = (prop_oneof![1 => Just(0.0), 3 => 1.0..500.0_f64], 0.01..100.0_f64);
    (sizes, prop::collection::vec(0.0..END_MS, 0..40), 0.0..300.0_f64).prop_map(
        |((expected_files, priority), nudges, back_ms)| Script {
            priority,
            nudges,
            back_ms,
            ..steady(0.0, expected_files, f64::INFINITY)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// P7, with K = 3: sizes, weights and nudges put nobody off for longer.
    #[test]
    fn no_live_batch_waits_longer_than_four_rounds(scripts in prop::collection::vec(any_live(), 1..25)) {
        let live = scripts.len() as f64;
        let trace = among(scripts);
        // A slot is a gap and the way there and back; a few graces go to those who change places.
        let slot_ms = GAP_MS + 340.0 + 50.0;
        for waiter in 0..trace.lives.len() {
            let gap = longest_gap(&trace, waiter);
            prop_assert!(gap <= 4.0 * slot_ms * live, "{} of {}: {}", waiter, live, gap);
        }
    }

    /// P8: while anybody is eligible, the lane is used.
    #[test]
    fn a_lane_that_somebody_waits_for_is_not_idle(scripts in prop::collection::vec(any_live(), 1..25)) {
        let trace = among(scripts);
        for pair in trace.requests.windows(2) {
            let idle_ms = pair[1].started_at - pair[0].answered_at.unwrap_or_default() - GAP_MS;
            // Nudges change places in line, and each change may cost a few graces. How many slots that costs in all is
            // measured below.
            prop_assert!(idle_ms <= 500.0, "{} at {}", idle_ms, pair[0].started_at);
        }
    }

    /// P18: whoever is killed, at whatever moment, the others go on, and the last batch is reported.
    #[test]
    fn whoever_vanishes_the_others_are_served(
        gone in prop::collection::vec((any_live(), 0.0..60_000.0_f64), 1..20),
        lasts_ms in 1_000.0..60_000.0_f64,
    ) {
        let killed = gone.into_iter().map(|(script, at)| Script { leaves: Leaves::Vanishes(at), ..script });
        let trace = among(killed.chain([steady(0.0, 5.0, lasts_ms)]).collect());
        let life = trace.lives.last().unwrap();
        // Each of those killed with a request under way holds the lane until that is given up.
        prop_assert_eq!(life.end, End::Finished);
    }

    /// P6: once the refusal has arrived, nobody comes before the pause is over. After a stall longer than a request's timeout
    /// another may have started in the very moment that brings the refusal, before it.
    #[test]
    fn a_pause_holds_for_everyone(scenario in any_scenario(20)) {
        let scenario = Scenario { restart: None, ..scenario };
        let trace = run(&scenario);
        for lane in 0..2 {
            let requests = trace.of_lane(lane);
            for (place, refused) in requests.iter().enumerate().filter(|(_, request)| request.pause_ms > 0.0) {
                let replied_at = refused.answered_at.unwrap();
                let next = requests[place + 1..].iter().find(|request| request.started_at > replied_at);
                if let Some(next) = next {
                    prop_assert!(next.started_at >= replied_at + refused.pause_ms - 1e-6, "{:?}, {:?}", refused, next);
                }
            }
        }
    }

    /// P10, P11, P15: every poll with a deadline settles by it, unless its timers are late; nothing of
    /// it stays in the queue; and nobody asks without end.
    #[test]
    fn polls_settle_and_leave_nothing_behind(scenario in any_scenario(20)) {
        let mut scenario = Scenario { restart: None, stalls: Vec::new(), ..scenario };
        for script in &mut scenario.scripts {
            script.late_ms = 0.0;
            script.plan.timeout_ms = script.plan.timeout_ms.min(200_000.0);
            if let Leaves::Vanishes(at) = script.leaves {
                script.leaves = Leaves::Aborts(at);
            }
        }
        let trace = run(&scenario);
        for (life, script) in trace.lives.iter().zip(&scenario.scripts) {
            prop_assert!(life.end != End::Open);
            let settles_by = script.begins_at + script.plan.timeout_ms;
            prop_assert!(life.ended_at <= settles_by + 1.0, "{:?} {}", life, settles_by);
            prop_assert!(life.asks < 20_000, "{:?}", life);
        }
        prop_assert!(trace.lanes.iter().all(|lane| lane.queue.is_empty()));
    }
}

#[test]
fn a_saturated_lane_loses_at_most_one_slot_in_two_hundred() {
    for live in [1_u32, 5, 20, 60] {
        let trace = among((0..live).map(|nth| steady(f64::from(nth), f64::from(nth), f64::INFINITY)).collect());
        let slots = END_MS / (GAP_MS + 100.0);
        assert!(trace.requests.len() as f64 >= 0.995 * slots, "{live}: {} of {slots}", trace.requests.len());
    }
}

#[test]
fn without_hints_live_batches_take_turns() {
    let trace = among((0..20).map(|nth| steady(f64::from(nth), 0.0, f64::INFINITY)).collect());
    let polls: Vec<_> = trace.lives.iter().map(|life| life.polls).collect();
    assert!(polls.iter().max().unwrap() - polls.iter().min().unwrap() <= 1, "{polls:?}");
}

#[test]
fn a_nudged_batch_takes_the_next_slot() {
    let scripts = (0..20).map(|nth| {
        let nudges = if nth == 7 { vec![33_333.0] } else { Vec::new() };
        Script { nudges, ..steady(0.0, 0.0, f64::INFINITY) }
    });
    let trace = among(scripts.collect());
    let next = trace.requests.iter().find(|request| request.started_at >= 33_333.0).unwrap();
    assert_eq!(next.waiter, 7);
}

#[test]
fn a_last_poll_comes_before_the_deadline_however_many_wait() {
    let plan = extracta_wasm::core::poll::Plan { timeout_ms: 60_000.0, ..PLAN };
    let last = Script { plan, ..steady(0.0, 9_000.0, 57_000.0) };
    let trace = among((0..30).map(|_| steady(0.0, 1.0, f64::INFINITY)).chain([last]).collect());
    assert_eq!(trace.lives.last().unwrap().end, End::Finished);
}

#[test]
fn after_everyone_left_nothing_is_left() {
    let leaves = |nth: u32| Leaves::Aborts(f64::from(nth) * 700.0);
    let trace = among((0..50).map(|nth| Script { leaves: leaves(nth), ..steady(0.0, 3.0, f64::INFINITY) }).collect());
    assert!(trace.lanes[0].queue.is_empty() && trace.lanes[0].spacing.is_idle(END_MS));
}

#[test]
fn of_those_who_vanished_nothing_is_left_either() {
    let vanish = |nth: u32| Leaves::Vanishes(1_000.0 + f64::from(nth) * 7.0);
    let gone = (0..50).map(|nth| Script { leaves: vanish(nth), ..steady(0.0, 3.0, f64::INFINITY) });
    let trace =
        among(gone.chain([Script { answers: vec![Answer::State], ..steady(0.0, 0.0, f64::INFINITY) }]).collect());
    assert!(trace.lanes[0].queue.len() <= 1, "{}", trace.lanes[0].queue.len());
}

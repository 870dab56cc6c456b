//! Any scenario at all, to be shrunk by proptest when it shows a fault.

use extracta_wasm::core::poll::Plan;
use proptest::prelude::*;

use crate::script::{Answer, Leaves, Restart, Scenario, Script, Stall};

/// The floor of all lanes here.
pub const FLOOR_MS: f64 = 2_000.0;

/// When scenarios end.
pub const END_MS: f64 = 400_000.0;

/// What the API asks for, as the client asks by default.
pub const PLAN: Plan = Plan {
    interval_ms: FLOOR_MS,
    floor_ms: FLOOR_MS,
    timeout_ms: 1_800_000.0,
    initial_delay_ms: 0.0,
    max_retries: 5,
    request_timeout_ms: 30_000.0,
    once: false,
};

/// A batch of so many files that lasts as long, polled over a good connection.
pub fn steady(begins_at: f64, files: f64, lasts_ms: f64) -> Script {
    Script {
        lane: 0,
        begins_at,
        plan: PLAN,
        expected_files: files,
        files,
        priority: 1.0,
        lasts_ms,
        shows_files: false,
        there_ms: 40.0,
        back_ms: 60.0,
        body_ms: 5.0,
        answers: Vec::new(),
        late_ms: 0.0,
        nudges: Vec::new(),
        leaves: Leaves::Never,
    }
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let retry_after_ms = prop::option::of(0.0..20_000.0_f64);
    prop_oneof![
        20 => Just(Answer::State),
        1 => Just(Answer::UnknownStatus),
        1 => Just(Answer::NotJson),
        1 => retry_after_ms.clone().prop_map(Answer::Refused),
        1 => retry_after_ms.prop_map(Answer::Trouble),
        1 => Just(Answer::Broken),
        1 => Just(Answer::Lost),
    ]
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let timeout_ms = prop_oneof![3 => Just(1_800_000.0), 1 => 1.0..300_000.0_f64];
    let request_timeout_ms = prop_oneof![3 => Just(30_000.0), 1 => 500.0..30_000.0_f64];
    let interval_ms = prop_oneof![3 => Just(FLOOR_MS), 1 => FLOOR_MS..20_000.0_f64];
    (timeout_ms, request_timeout_ms, interval_ms, 0.0..5_000.0_f64, 0_u32..8).prop_map(
        |(timeout_ms, request_timeout_ms, interval_ms, initial_delay_ms, max_retries)| Plan {
            timeout_ms,
            request_timeout_ms,
            interval_ms,
            initial_delay_ms,
            max_retries,
            ..PLAN
        },
    )
}

fn any_script() -> impl Strategy<Value = Script> {
    let late_ms = prop_oneof![4 => Just(0.0), 1 => 0.0..1_000.0_f64, 1 => 0.0..60_000.0_f64];
    let leaves = prop_oneof![
        4 => Just(Leaves::Never),
        1 => (0.0..END_MS).prop_map(Leaves::Aborts),
        1 => (0.0..END_MS).prop_map(Leaves::Vanishes),
    ];
    let way_ms = prop_oneof![8 => (0.0..800.0_f64, 0.0..800.0_f64), 1 => (0.0..9_000.0_f64, 0.0..40_000.0_f64)];
    let sizes = (prop_oneof![1 => Just(0.0), 3 => 1.0..60.0_f64], 1.0..60.0_f64, 0.1..5.0_f64, any::<bool>());
    (
        (0_usize..2, 0.0..60_000.0_f64, any_plan(), sizes, 1_000.0..300_000.0_f64),
        (way_ms, 0.0..4_000.0_f64, prop::collection::vec(any_answer(), 0..12)),
        (late_ms, prop::collection::vec(0.0..END_MS, 0..2), leaves),
    )
        .prop_map(
            |((lane, begins_at, plan, sizes, lasts_ms), (way_ms, body_ms, answers), (late_ms, nudges, leaves))| {
                let (expected_files, files, priority, shows_files) = sizes;
                Script {
                    lane,
                    begins_at,
                    plan,
                    expected_files: expected_files.floor(),
                    files: files.floor(),
                    priority,
                    lasts_ms,
                    shows_files,
                    there_ms: way_ms.0,
                    back_ms: way_ms.1,
                    body_ms,
                    answers,
                    late_ms,
                    nudges,
                    leaves,
                }
            },
        )
}

fn any_stall() -> impl Strategy<Value = Stall> {
    let lasts_ms = prop_oneof![3 => 0.0..2_000.0_f64, 1 => 0.0..120_000.0_f64];
    (0.0..END_MS, lasts_ms, any::<bool>()).prop_map(|(at, lasts_ms, clock_stops)| Stall { at, lasts_ms, clock_stops })
}

fn any_restart() -> impl Strategy<Value = Restart> {
    let wall_back_ms = prop_oneof![2 => Just(0.0), 1 => 0.0..1e7_f64];
    (0.0..END_MS, 0.0..30_000.0_f64, wall_back_ms).prop_map(|(at, down_ms, wall_back_ms)| Restart {
        at,
        down_ms,
        wall_back_ms,
    })
}

/// Any polls on two lanes, over any server, in any runtime.
pub fn any_scenario(most_polls: usize) -> impl Strategy<Value = Scenario> {
    (
        prop::collection::vec(any_script(), 1..most_polls),
        prop::collection::vec(any_stall(), 0..3),
        prop::option::weighted(0.3, any_restart()),
    )
        .prop_map(|(scripts, stalls, restart)| Scenario {
            scripts,
            lanes: 2,
            floor_ms: FLOOR_MS,
            end_ms: END_MS,
            stalls,
            restart,
            outage: None,
        })
}

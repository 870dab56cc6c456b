//! Many waiters on one lane over virtual time: late timers, slow and lost answers, aborts, waiters that vanish.

use proptest::prelude::*;

use super::{Claim, Lane, Turn};

const FLOOR_MS: f64 = 2_000.0;
const REQUEST_TIMEOUT_MS: f64 = 30_000.0;
const END_MS: f64 = 400_000.0;

/// What one waiter does with its life.
#[derive(Clone, Debug)]
struct Script {
    begins_at: f64,
    /// From each start to the arrival at the server, and from there to the headers.
    latency_ms: (f64, f64),
    /// From the headers to the end of the body.
    body_ms: f64,
    /// Added to each of its timers.
    late_ms: f64,
    leaves: Leaves,
}

#[derive(Clone, Debug)]
enum Leaves {
    Never,
    /// Ends properly, giving back its place or its slot.
    Aborts(f64),
    /// Is never heard of again, as when a Worker's request has ended.
    Vanishes(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Asking,
    Sent { headers_at: f64 },
    ReadingBody,
    Gone,
}

struct Waiter {
    script: Script,
    state: State,
    wakes_at: f64,
    waiting_since: f64,
    sent_at: f64,
    polls: u32,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    started_at: f64,
    arrived_at: f64,
    answered: bool,
}

/// Runs the scripts, each waiter polling again and again, and returns the requests in order, and who polled how often.
fn run(scripts: &[Script]) -> (Vec<Request>, Vec<u32>, Lane) {
    let mut lane = Lane::default();
    lane.spacing.require_floor(FLOOR_MS);
    let mut requests: Vec<Request> = Vec::new();
    let mut waiters: Vec<Waiter> = scripts
        .iter()
        .map(|script| Waiter {
            script: script.clone(),
            state: State::Asking,
            wakes_at: script.begins_at,
            waiting_since: script.begins_at,
            sent_at: 0.0,
            polls: 0,
        })
        .collect();
    loop {
        let next = (0..waiters.len())
            .filter(|index| waiters[*index].state != State::Gone)
            .min_by(|a, b| waiters[*a].wakes_at.total_cmp(&waiters[*b].wakes_at));
        let Some(index) = next else { break };
        let (ticket, waiter) = (index as u32, &mut waiters[index]);
        let now = waiter.wakes_at;
        if now > END_MS {
            break;
        }
        match waiter.script.leaves {
            Leaves::Aborts(at) if now >= at => {
                match waiter.state {
                    State::Asking => lane.queue.leave(ticket),
                    _ => lane.spacing.ended(now),
                }
                waiter.state = State::Gone;
                continue;
            }
            Leaves::Vanishes(at) if now >= at => {
                waiter.state = State::Gone;
                continue;
            }
            _ => {}
        }
        match waiter.state {
            State::Asking => {
                let due_at = if waiter.polls == 0 { waiter.script.begins_at } else { waiter.sent_at + FLOOR_MS };
                let claim = Claim::new(ticket, due_at, waiter.waiting_since);
                match lane.ask(claim, REQUEST_TIMEOUT_MS, now) {
                    Turn::AskAgain { at, .. } => {
                        assert!(at > now, "asks again without end at {now}");
                        waiter.wakes_at = at + waiter.script.late_ms;
                    }
                    Turn::Go => {
                        let (there_ms, back_ms) = waiter.script.latency_ms;
                        let headers_at = now + there_ms + back_ms;
                        requests.push(Request { started_at: now, arrived_at: now + there_ms, answered: false });
                        waiter.polls += 1;
                        waiter.sent_at = now;
                        waiter.wakes_at = headers_at.min(now + REQUEST_TIMEOUT_MS);
                        waiter.state = State::Sent { headers_at };
                    }
                }
            }
            State::Sent { headers_at } if now < headers_at => {
                lane.spacing.ended(now);
                waiter.waiting_since = now;
                waiter.state = State::Asking;
            }
            State::Sent { .. } => {
                lane.spacing.answered(now);
                // One flight at a time: the last request is this one's.
                if let Some(last) = requests.last_mut() {
                    last.answered = true;
                }
                waiter.waiting_since = now;
                waiter.wakes_at = now + waiter.script.body_ms;
                waiter.state = State::ReadingBody;
            }
            State::ReadingBody => {
                lane.spacing.ended(now);
                waiter.state = State::Asking;
            }
            State::Gone => {}
        }
    }
    (requests, waiters.iter().map(|waiter| waiter.polls).collect(), lane)
}

fn any_script() -> impl Strategy<Value = Script> {
    let late_ms = prop_oneof![4 => Just(0.0), 1 => 0.0..1_000.0_f64, 1 => 0.0..60_000.0_f64];
    let leaves = prop_oneof![
        4 => Just(Leaves::Never),
        1 => (0.0..END_MS).prop_map(Leaves::Aborts),
        1 => (0.0..END_MS).prop_map(Leaves::Vanishes),
    ];
    let latency_ms = prop_oneof![8 => (0.0..800.0_f64, 0.0..800.0_f64), 1 => (0.0..9_000.0_f64, 0.0..40_000.0_f64)];
    (0.0..60_000.0_f64, latency_ms, 0.0..4_000.0_f64, late_ms, leaves).prop_map(
        |(begins_at, latency_ms, body_ms, late_ms, leaves)| Script { begins_at, latency_ms, body_ms, late_ms, leaves },
    )
}

fn steady(begins_at: f64) -> Script {
    Script { begins_at, latency_ms: (40.0, 60.0), body_ms: 5.0, late_ms: 0.0, leaves: Leaves::Never }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_two_requests_start_closer_than_the_floor_nor_arrive_so_where_the_first_was_answered(
        scripts in prop::collection::vec(any_script(), 1..25)
    ) {
        let (requests, ..) = run(&scripts);
        for pair in requests.windows(2) {
            prop_assert!(pair[1].started_at - pair[0].started_at >= FLOOR_MS, "{:?}", pair);
            if pair[0].answered {
                prop_assert!(pair[1].arrived_at - pair[0].arrived_at >= FLOOR_MS, "{:?}", pair);
            }
        }
    }

    #[test]
    fn whoever_leaves_the_others_go_on(scripts in prop::collection::vec(any_script(), 1..25)) {
        let mut scripts = scripts;
        scripts.push(steady(0.0));
        let (_, polls, _) = run(&scripts);
        prop_assert!(*polls.last().unwrap() >= 1);
    }
}

#[test]
fn live_waiters_take_turns_and_lose_no_slot() {
    let scripts: Vec<_> = (0..20).map(|nth| steady(f64::from(nth))).collect();
    let (requests, polls, _) = run(&scripts);
    // Each slot is a gap and the way there and back.
    let slots = END_MS / (FLOOR_MS + 1.0 + 100.0);
    assert!(requests.len() as f64 >= 0.995 * slots, "{} of {slots} slots", requests.len());
    assert!(polls.iter().max().unwrap() - polls.iter().min().unwrap() <= 1, "{polls:?}");
}

#[test]
fn after_everyone_left_nothing_is_left() {
    let scripts: Vec<_> =
        (0..50).map(|nth| Script { leaves: Leaves::Aborts(f64::from(nth) * 700.0), ..steady(0.0) }).collect();
    let (_, _, lane) = run(&scripts);
    assert!(lane.queue.is_empty());
    assert!(lane.spacing.is_idle(END_MS));
}

//! What other clients were seen to get wrong, each tried on ours. Those about timers, signals and error objects are the
//! shell's to pass.

use extracta_wasm::core::error::Code;
use simulation::any::{FLOOR_MS, PLAN, steady};
use simulation::{Answer, End, Request, Scenario, Script, Stall, Trace, run};

fn alone(script: Script) -> Trace {
    among(vec![script], Vec::new())
}

fn among(scripts: Vec<Script>, stalls: Vec<Stall>) -> Trace {
    run(&Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: 400_000.0, stalls, ..Scenario::default() })
}

fn slow(lasts_ms: f64) -> Script {
    steady(0.0, 5.0, lasts_ms)
}

fn server_gaps(requests: &[Request]) -> Vec<f64> {
    let arrived: Vec<_> = requests.iter().filter_map(|request| request.arrived_at).collect();
    arrived.iter().zip(arrived.iter().skip(1)).map(|(one, next)| next - one).collect()
}

#[test]
fn e1_an_unknown_status_is_polled_at_the_usual_pace() {
    let trace = alone(Script { answers: vec![Answer::UnknownStatus], ..slow(1.0) });
    assert!(trace.requests.len() > 150 && trace.floor_violations(FLOOR_MS).is_empty());
}

#[test]
fn e2_retries_take_slots_of_the_lane() {
    let answers = vec![Answer::Trouble(None), Answer::Trouble(None), Answer::State];
    let trace = alone(Script { answers, ..slow(1.0) });
    assert_eq!((trace.requests.len(), trace.lives[0].end), (3, End::Finished));
    assert!(server_gaps(&trace.requests).iter().all(|gap| *gap >= FLOOR_MS));
}

#[test]
fn e8_jitter_only_lengthens() {
    let answers = vec![Answer::Broken, Answer::State];
    let trace = alone(Script { answers, ..slow(300_000.0) });
    assert!(trace.requests.len() > 50);
    assert!(server_gaps(&trace.requests).iter().all(|gap| *gap >= FLOOR_MS), "{:?}", server_gaps(&trace.requests));
}

#[test]
fn e9_after_a_stall_of_the_only_thread_there_is_no_burst() {
    let stall = Stall { at: 10_000.0, lasts_ms: 9_000.0, clock_stops: false };
    let trace = among((0..6).map(|_| slow(300_000.0)).collect(), vec![stall]);
    let after: Vec<_> =
        trace.requests.iter().filter(|request| (19_000.0..21_000.0).contains(&request.started_at)).collect();
    assert_eq!(after.len(), 1);
    assert!(trace.floor_violations(FLOOR_MS).is_empty());
}

#[test]
fn e10_a_slot_used_late_moves_the_next() {
    let late = Script { late_ms: 1_900.0, ..slow(300_000.0) };
    assert!(server_gaps(&alone(late).requests).iter().all(|gap| *gap >= FLOOR_MS));
}

#[test]
fn e11_a_cold_first_request_does_not_shorten_the_gap_that_the_server_sees() {
    let cold = Script { there_ms: 450.0, back_ms: 1.0, ..slow(1.0) };
    let warm = Script { there_ms: 40.0, back_ms: 1.0, ..slow(300_000.0) };
    let trace = among(vec![cold, warm], Vec::new());
    assert!(server_gaps(&trace.requests).iter().all(|gap| *gap >= FLOOR_MS));
}

#[test]
fn e12_a_waiter_forgotten_during_a_stall_enlists_again_and_is_served() {
    let late = Script { late_ms: 9_000.0, ..slow(60_000.0) };
    let others = (0..4).map(|_| slow(200_000.0));
    let trace = among(std::iter::once(late).chain(others).collect(), Vec::new());
    assert_eq!(trace.lives[0].end, End::Finished);
    assert!(trace.lives.iter().all(|life| life.asks < 3_000), "spins");
}

#[test]
fn e3_in_the_core_one_broken_connection_leaves_no_mark() {
    let answers = vec![Answer::Broken, Answer::State];
    let trace = alone(Script { answers, ..slow(1.0) });
    assert_eq!(trace.lives[0].end, End::Finished);
    let never = Script {
        answers: vec![Answer::Broken],
        plan: extracta_wasm::core::poll::Plan { max_retries: 2, ..PLAN },
        ..slow(1.0)
    };
    assert_eq!(alone(never).lives[0].end, End::Failed(Code::RetriesExhausted));
}

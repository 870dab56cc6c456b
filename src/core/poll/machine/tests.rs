use proptest::prelude::*;

use super::*;

const PLAN: Plan = Plan {
    interval_ms: 2_000.0,
    floor_ms: 2_000.0,
    timeout_ms: 60_000.0,
    initial_delay_ms: 0.0,
    max_retries: 5,
    request_timeout_ms: 30_000.0,
    once: false,
};

fn failed(code: Code) -> Event {
    Event::Failed { failure: Failure::new(code).into(), jitter: 0.0 }
}

/// When a well-behaved driver on an empty lane sends, with replies that take `latency_ms`, and how the poll ends.
fn run(plan: Plan, latency_ms: f64, mut reply: impl FnMut(u32) -> Event) -> (Vec<f64>, Effect, f64) {
    let (mut poll, mut effect) = Poll::new(plan, 0.0);
    let (mut now, mut sent_at, mut opens_at) = (0.0_f64, Vec::new(), 0.0_f64);
    loop {
        let (due_at, give_up_at) = match effect {
            Effect::Poll { due_at, give_up_at, .. } => (due_at, give_up_at),
            end => return (sent_at, end, now),
        };
        let turn_at = due_at.max(opens_at).max(now);
        if turn_at >= give_up_at {
            now = give_up_at;
            effect = poll.step(Event::Lapsed, now);
            continue;
        }
        now = turn_at;
        sent_at.push(now);
        let timeout_ms = poll.sent(now);
        now += latency_ms.min(timeout_ms);
        opens_at = now + plan.floor_ms;
        let event = if latency_ms > timeout_ms { failed(Code::RequestTimeout) } else { reply(sent_at.len() as u32) };
        effect = poll.step(event, now);
    }
}

fn code(effect: &Effect) -> Option<Code> {
    match effect {
        Effect::Fail(failure) => Some(failure.code),
        _ => None,
    }
}

#[test]
fn without_an_interval_the_thread_is_still_given_up_between_polls() {
    let mut poll = Poll::new(Plan { interval_ms: 0.0, floor_ms: 0.0, ..PLAN }, 0.0).0;
    poll.sent(0.0);
    let effect = poll.step(Event::Read(Outcome::Waiting), 5.0);
    assert!(matches!(effect, Effect::Poll { due_at: 6.0, .. }), "{effect:?}");
}

#[test]
fn a_sleep_counts_as_lived_and_leaves_one_last_poll_to_a_deadline_that_passed() {
    let asleep = |ms: f64| {
        let mut poll = Poll::new(Plan { interval_ms: 5_000.0, ..PLAN }, 0.0).0;
        poll.sent(0.0);
        poll.step(Event::Read(Outcome::Waiting), 200.0);
        poll.slept(ms, 300.0);
        let Wish { due_at, give_up_at, .. } = poll.wish();
        (due_at, give_up_at, poll.elapsed_ms(300.0))
    };
    assert_eq!(asleep(30_000.0), (5_000.0, 30_000.0, 30_300.0));
    assert_eq!(asleep(3_600_000.0), (300.0, 2_300.0, 58_000.0));
}

#[test]
fn it_polls_at_once_then_every_interval_until_done() {
    let plan = Plan { interval_ms: 5_000.0, ..PLAN };
    let (sent_at, end, _) = run(plan, 100.0, |nth| Event::Read(if nth < 4 { Outcome::Waiting } else { Outcome::Done }));
    assert_eq!((sent_at, end), (vec![0.0, 5_000.0, 10_000.0, 15_000.0], Effect::Finish));
}

#[test]
fn the_first_poll_waits_for_the_initial_delay() {
    let (sent_at, ..) = run(Plan { initial_delay_ms: 700.0, ..PLAN }, 10.0, |_| Event::Read(Outcome::Done));
    assert_eq!(sent_at, [700.0]);
}

#[test]
fn failures_are_retried_ever_later_and_a_good_answer_resets_the_count() {
    let plan = Plan { timeout_ms: f64::INFINITY, ..PLAN };
    let (sent_at, end, _) = run(plan, 0.0, |nth| match nth {
        4 => Event::Read(Outcome::Partial),
        9 => Event::Read(Outcome::Done),
        _ => failed(Code::Network),
    });
    assert_eq!(sent_at, [0.0, 2e3, 6e3, 14e3, 16e3, 18e3, 22e3, 30e3, 46e3]);
    assert_eq!(end, Effect::Finish);
}

#[test]
fn more_failures_in_a_row_than_allowed_end_it_with_the_last_as_cause() {
    let (sent_at, end, _) = run(Plan { max_retries: 2, ..PLAN }, 0.0, |_| failed(Code::Server));
    assert_eq!(sent_at.len(), 3);
    let Effect::Fail(failure) = end else { panic!("{end:?}") };
    assert_eq!((failure.code, failure.attempts), (Code::RetriesExhausted, Some(3)));
    assert_eq!(failure.cause.unwrap().code, Code::Server);
}

#[test]
fn without_retries_it_ends_with_the_failure_itself() {
    let (sent_at, end, _) = run(Plan { max_retries: 0, ..PLAN }, 0.0, |_| failed(Code::Server));
    assert_eq!((sent_at.len(), code(&end)), (1, Some(Code::Server)));
}

#[test]
fn a_page_in_place_of_json_is_retried_twice_only() {
    let (sent_at, end, _) = run(PLAN, 0.0, |_| failed(Code::NotJson));
    assert_eq!((sent_at.len(), code(&end)), (3, Some(Code::RetriesExhausted)));
}

#[test]
fn what_will_not_pass_is_not_retried() {
    for no in [
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NotFound,
        Code::BadRequest,
        Code::ApiError,
        Code::UnexpectedReply,
    ] {
        let (sent_at, end, _) = run(PLAN, 0.0, |_| failed(no));
        assert_eq!((sent_at.len(), code(&end)), (1, Some(no)));
    }
}

#[test]
fn a_server_that_names_a_wait_is_not_polled_sooner() {
    let busy = Box::new(Failure { retry_after_ms: Some(20_000.0), ..Failure::new(Code::Server) });
    let (sent_at, ..) = run(PLAN, 0.0, |nth| match nth {
        1 => Event::Failed { failure: busy.clone(), jitter: 0.0 },
        _ => Event::Read(Outcome::Done),
    });
    assert_eq!(sent_at, [0.0, 20_000.0]);
}

#[test]
fn one_last_poll_comes_in_time_for_its_answer() {
    let plan = Plan { interval_ms: 10_000.0, timeout_ms: 15_000.0, ..PLAN };
    let (sent_at, end, settled_at) = run(plan, 300.0, |_| Event::Read(Outcome::Waiting));
    assert_eq!(sent_at, [0.0, 10_000.0, 13_000.0]);
    let Effect::Fail(failure) = end else { panic!("{end:?}") };
    assert_eq!((failure.code, settled_at), (Code::PollTimeout, 15_000.0));
    assert_eq!(failure.observed.unwrap().times("waiting"), 3);
}

#[test]
fn a_request_under_way_is_cut_off_at_the_deadline() {
    let (sent_at, end, settled_at) = run(Plan { timeout_ms: 5_000.0, ..PLAN }, 60_000.0, |_| unreachable!());
    assert_eq!((sent_at, code(&end), settled_at), (vec![0.0], Some(Code::PollTimeout), 5_000.0));
}

#[test]
fn a_refusal_for_now_is_pacing_and_no_failure() {
    let plan = Plan { max_retries: 1, timeout_ms: f64::INFINITY, ..PLAN };
    let (sent_at, end, _) = run(plan, 0.0, |nth| match nth {
        1..=20 => failed(Code::RateLimited),
        _ => Event::Read(Outcome::Done),
    });
    assert_eq!((sent_at.len(), end), (21, Effect::Finish));
}

fn refused(retry_after_ms: f64) -> Event {
    Event::Refused(Failure { retry_after_ms: Some(retry_after_ms), ..Failure::new(Code::RateLimited) }.into())
}

#[test]
fn a_proxy_is_come_back_to_when_it_says_and_what_it_held_without_news_was_no_attempt() {
    let mut poll = Poll::new(PLAN, 0.0).0;
    let due_at = |effect| match effect {
        Effect::Poll { due_at, .. } => due_at,
        end => panic!("{end:?}"),
    };
    poll.sent(0.0);
    assert_eq!(due_at(poll.step(refused(1_000.0), 50.0)), 1_050.0, "sooner than its interval");
    poll.sent(1_050.0);
    assert_eq!(due_at(poll.step(Event::NothingNew { retry_after_ms: None }, 21_000.0)), 21_000.0, "at once");
    poll.sent(21_000.0);
    assert_eq!(due_at(poll.step(Event::NothingNew { retry_after_ms: None }, 21_010.0)), 23_000.0, "it was not held");
    poll.sent(23_000.0);
    assert_eq!(due_at(poll.step(Event::NothingNew { retry_after_ms: Some(4_000.0) }, 24_000.0)), 28_000.0);
    poll.sent(28_000.0);
    assert_eq!(due_at(poll.step(Event::CalledOff, 29_000.0)), 29_050.0, "others first");
    assert_eq!(poll.attempts(), 1, "the refusal");
    let mut request = Poll::new(Plan { once: true, ..PLAN }, 0.0).0;
    request.sent(0.0);
    assert_eq!(code(&request.step(refused(1_000.0), 50.0)), Some(Code::RateLimited));
}

#[test]
fn a_token_function_that_fails_is_called_again_within_the_budget() {
    let unfit = || Event::Failed { failure: Failure::invalid("token", "a string", "3"), jitter: 0.0 };
    let (sent_at, end, _) = run(PLAN, 0.0, |nth| match nth {
        1 => failed(Code::Thrown),
        2 => unfit(),
        _ => Event::Read(Outcome::Done),
    });
    assert_eq!((sent_at.len(), end), (3, Effect::Finish));
    let (_, end, _) = run(PLAN, 0.0, |_| unfit());
    assert_eq!(code(&end), Some(Code::RetriesExhausted));
}

#[test]
fn a_poll_moves_along_with_a_clock_that_is_set_back() {
    let mut poll = Poll::new(PLAN, 1_000_000.0).0;
    poll.sent(1_000_000.0);
    poll.step(Event::Read(Outcome::Waiting), 1_000_100.0);
    poll.clock_moved(-900_000.0);
    let Wish { due_at, give_up_at, .. } = poll.wish();
    assert_eq!((due_at, give_up_at, poll.elapsed_ms(100_200.0)), (102_000.0, 160_000.0, 200.0));
}

#[test]
fn a_last_poll_that_finds_the_batch_finished_is_a_success() {
    let plan = Plan { interval_ms: 10_000.0, timeout_ms: 15_000.0, ..PLAN };
    let (_, end, _) = run(plan, 300.0, |nth| Event::Read(if nth == 3 { Outcome::Done } else { Outcome::Waiting }));
    assert_eq!(end, Effect::Finish);
}

#[test]
fn no_poll_is_owed_when_one_came_within_a_floor_of_the_deadline() {
    let (sent_at, end, settled_at) = run(Plan { timeout_ms: 5_000.0, ..PLAN }, 0.0, |_| Event::Read(Outcome::Waiting));
    assert_eq!((sent_at, code(&end), settled_at), (vec![0.0, 2e3, 4e3], Some(Code::PollTimeout), 5e3));
}

#[test]
fn a_nudge_makes_it_due_at_once_and_first_in_line_but_not_while_the_server_is_in_trouble() {
    let (mut poll, _) = Poll::new(Plan { interval_ms: 30_000.0, ..PLAN }, 0.0);
    poll.sent(0.0);
    poll.step(Event::Read(Outcome::Waiting), 10.0);
    let Effect::Poll { due_at, urgent_from, .. } = poll.step(Event::Nudged, 4_000.0) else { panic!() };
    assert_eq!((due_at, urgent_from), (4_000.0, 4_000.0));
    poll.sent(4_000.0);
    poll.step(failed(Code::Server), 4_010.0);
    let Effect::Poll { due_at, .. } = poll.step(Event::Nudged, 5_000.0) else { panic!() };
    assert_eq!(due_at, 34_010.0);
}

#[test]
fn with_a_fresh_token_it_asks_again_at_once() {
    let (sent_at, end, _) = run(PLAN, 50.0, |nth| match nth {
        1 => Event::TokenRefused,
        _ => Event::Read(Outcome::Done),
    });
    assert_eq!((sent_at, end), (vec![0.0, 2_050.0], Effect::Finish), "as the lane allows, that is");
}

#[test]
fn a_single_request_ends_with_any_answer_and_reports_a_failure_as_it_is() {
    let once = Plan::once(2_000.0, 30_000.0);
    let (sent_at, end, _) = run(once, 10.0, |_| Event::Read(Outcome::Waiting));
    assert_eq!((sent_at.len(), end), (1, Effect::Finish));
    let (sent_at, end, _) = run(once, 10.0, |_| failed(Code::Server));
    assert_eq!((sent_at.len(), code(&end)), (1, Some(Code::Server)));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Read(Outcome::Waiting)),
        Just(Event::Read(Outcome::Partial)),
        Just(Event::Read(Outcome::NoFiles)),
        Just(failed(Code::Network)),
        Just(failed(Code::RateLimited)),
        Just(failed(Code::NotJson)),
        Just(refused(7_000.0)),
        Just(Event::CalledOff),
        prop_oneof![Just(None), (0.0..9_000.0_f64).prop_map(Some)]
            .prop_map(|retry_after_ms| Event::NothingNew { retry_after_ms }),
        (0.0..=1.0_f64, 0.0..90_000.0_f64).prop_map(|(jitter, retry_after_ms)| Event::Failed {
            failure: Failure { retry_after_ms: Some(retry_after_ms), ..Failure::new(Code::Server) }.into(),
            jitter,
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_the_server_does_the_poll_keeps_its_floor_and_settles_in_time(
        replies in prop::collection::vec(any_event(), 1..40),
        latency_ms in 0.0..40_000.0_f64,
        interval_ms in 2_000.0..20_000.0_f64,
        timeout_ms in 1.0..200_000.0_f64,
        initial_delay_ms in 0.0..50_000.0_f64,
        max_retries in 0_u32..8,
    ) {
        let plan = Plan { interval_ms, timeout_ms, initial_delay_ms, max_retries, ..PLAN };
        let (sent_at, end, settled_at) = run(plan, latency_ms, |nth| replies[nth as usize % replies.len()].clone());
        prop_assert!(sent_at.windows(2).all(|pair| pair[1] - pair[0] >= plan.floor_ms));
        prop_assert!(settled_at <= timeout_ms);
        if code(&end) == Some(Code::PollTimeout) {
            prop_assert!(settled_at >= timeout_ms, "gave up {} ms early", timeout_ms - settled_at);
        }
    }
}

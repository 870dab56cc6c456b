//! Drives a poll as the shell does: asks its lane for turns, sends, answers, and looks at each moment on the way.

use bolero::{Driver, ValueGenerator, one_value_of};

use super::{Claim, Code, Effect, Event, Failure, Lane, Outcome, Poll, Snapshot, Turn, Wish};
use super::{ROUNDING_MS, is_said_again};
use crate::pick::{below, number, once_in, perhaps};

const TICKET: u32 = 7;

/// A queue of one asks when its lane opens, and once more where a pause came meanwhile.
const MOST_ASKS: u32 = 8;

/// What comes of one request.
#[derive(Debug)]
pub(super) struct Happening {
    event: Event,
    /// How long the answer takes, if it is not cut off before.
    latency_ms: f64,
    /// How late the timer before it fires.
    late_ms: f64,
    /// The machine sleeps for so long before.
    slept_ms: Option<f64>,
    nudged: bool,
}

impl Happening {
    pub(super) fn any(driver: &mut impl Driver) -> Option<Self> {
        let event = match below(driver, 8)? {
            0..=3 => Event::Read(one_value_of(Outcome::ALL).generate(driver)?),
            4 => Event::TokenRefused,
            _ => {
                let is_final = once_in(driver, 16)?;
                let code = if is_final { Code::NotFound } else { one_value_of(Code::TRANSIENT).generate(driver)? };
                let retry_after_ms = perhaps(driver, |driver| Some(f64::from((0..86_400_001_u32).generate(driver)?)))?;
                let jitter = f64::from(driver.produce::<u8>()?) / 255.0;
                Event::Failed { failure: Failure { retry_after_ms, ..Failure::new(code) }.into(), jitter }
            }
        };
        Some(Self {
            event,
            latency_ms: number(driver)?.clamp(0.0, 1e6),
            late_ms: if once_in(driver, 4)? { number(driver)?.clamp(0.0, 1e9) } else { 0.0 },
            slept_ms: if once_in(driver, 8)? { Some(number(driver)?.clamp(0.0, 1e9)) } else { None },
            nudged: once_in(driver, 4)?,
        })
    }
}

/// Goes on until the poll or what happens is at its end.
pub(super) fn on(snapshot: &Snapshot, mut poll: Poll, closed_for_ms: f64, begins_at: f64, happenings: &[Happening]) {
    let plan = *poll.plan();
    let mut lane = Lane::default();
    lane.spacing.require_floor(plan.floor_ms);
    lane.spacing.stay_closed(closed_for_ms, begins_at);
    let (mut now, mut last_sent_at) = (begins_at, None);
    for happening in happenings {
        if let Some(ms) = happening.slept_ms {
            poll.slept(ms, now);
        }
        if happening.nudged {
            check(poll.step(Event::Nudged, now), now);
        }
        let Some(sent_at) = turn(&mut lane, snapshot, &poll, now, happening.late_ms) else {
            let Wish { give_up_at, .. } = poll.wish();
            assert!(give_up_at.is_finite(), "without a deadline it lapsed");
            let end = poll.step(Event::Lapsed, give_up_at.max(now));
            assert!(matches!(end, Effect::Fail(_)), "after its end {end:?}");
            return;
        };
        assert!(sent_at >= begins_at + closed_for_ms, "sent at {sent_at} on a lane that was to be closed");
        if let Some(last_sent_at) = last_sent_at {
            assert!(sent_at - last_sent_at >= plan.floor_ms - ROUNDING_MS, "sent at {last_sent_at} and {sent_at}");
        }
        last_sent_at = Some(sent_at);
        let limit_ms = poll.sent(sent_at);
        assert!(limit_ms >= -ROUNDING_MS && limit_ms <= plan.request_timeout_ms, "a limit of {limit_ms}");
        now = sent_at + happening.latency_ms.min(limit_ms.max(0.0));
        lane.spacing.answered(sent_at, now);
        lane.spacing.ended(sent_at, now);
        take_in(&mut lane, snapshot, &poll, &happening.event, now);
        let effect = poll.step(happening.event.clone(), now);
        if let (Effect::Poll { due_at, .. }, Event::Read(_) | Event::Failed { .. }) = (&effect, &happening.event) {
            assert!(*due_at >= sent_at + plan.floor_ms - ROUNDING_MS, "sent at {sent_at}, due again at {due_at}");
        }
        if !check(effect, now) {
            return;
        }
        let saved = poll.save(lane.spacing.closed_for_ms(now), now, 1.76e12);
        is_said_again(&Snapshot { saved, ..snapshot.clone() });
    }
}

/// Whether it goes on; then at moments that there are.
fn check(effect: Effect, now: f64) -> bool {
    match effect {
        Effect::Poll { due_at, urgent_from, give_up_at } => {
            assert!(due_at.is_finite() && !urgent_from.is_nan() && !give_up_at.is_nan(), "{effect:?}");
            true
        }
        Effect::Finish => false,
        Effect::Fail(failure) => {
            let lived_ms = failure.elapsed_ms.unwrap_or(f64::NAN);
            assert!(lived_ms >= 0.0 && lived_ms.is_finite(), "failed after {lived_ms}, at {now}");
            false
        }
    }
}

/// When the poll's turn comes; `None` where it gives up before.
fn turn(lane: &mut Lane, snapshot: &Snapshot, poll: &Poll, from: f64, late_ms: f64) -> Option<f64> {
    let Wish { due_at, urgent_from, give_up_at } = poll.wish();
    let claim = Claim { urgent_from, ..claim(snapshot, poll, due_at) };
    let mut now = from;
    for _ in 0..MOST_ASKS {
        if now >= give_up_at {
            lane.queue.leave(claim.ticket);
            return None;
        }
        match lane.ask(claim, poll.plan().request_timeout_ms, now) {
            Turn::Go => return Some(now),
            Turn::AskAgain { at, .. } => {
                assert!(at.is_finite() && at > now, "at {now}: ask again at {at}");
                now = at + late_ms;
            }
        }
    }
    unreachable!("its turn never comes")
}

fn claim(snapshot: &Snapshot, poll: &Poll, due_at: f64) -> Claim {
    Claim {
        begun_at: poll.begun_at(),
        expected_files: snapshot.expected_files as f32,
        priority: snapshot.priority as f32,
        ..Claim::new(TICKET, due_at, poll.waiting_since())
    }
}

fn take_in(lane: &mut Lane, snapshot: &Snapshot, poll: &Poll, event: &Event, now: f64) {
    match event {
        Event::Read(outcome) => {
            lane.spacing.accepted();
            lane.replied(&claim(snapshot, poll, now), *outcome == Outcome::Done, now);
        }
        Event::Failed { failure, .. } if failure.code == Code::RateLimited => {
            lane.refused(failure.retry_after_ms, now);
        }
        _ => {}
    }
}

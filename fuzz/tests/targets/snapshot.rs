//! `Snapshot::read` and `Poll::restore`: a text from elsewhere, taken up and driven on.

mod drive;

use bolero::{Driver, ValueGenerator};
use extracta_wasm::core::error::{Code, Failure};
use extracta_wasm::core::lane::{Claim, Lane, Turn};
use extracta_wasm::core::poll::{Effect, Event, Poll, Wish};
use extracta_wasm::core::response::Outcome;
use extracta_wasm::core::retry::LONGEST_RETRY_AFTER_MS;
use extracta_wasm::core::snapshot::Snapshot;
use serde_json::Value;

use crate::pick::{below, moment, number, once_in, perhaps, some, wild_number};
use crate::{corpus, json};
use drive::Happening;

/// Moments of a poll lie up to some decades apart, where neighbouring numbers do so by a fraction of this.
const ROUNDING_MS: f64 = 0.01;

pub(crate) struct Snapshots;

#[derive(Debug)]
pub(crate) struct Input {
    text: Value,
    /// The clocks of the process that takes it up.
    now: f64,
    wall_now: f64,
    /// A new deadline, as the caller may give.
    allowed_ms: Option<f64>,
    happenings: Vec<Happening>,
}

impl ValueGenerator for Snapshots {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let text = if once_in(driver, 16)? { json::any(driver, 3)? } else { tampered(driver)? };
        // Mostly the wall clock goes on from the saving.
        let wall_now = match (below(driver, 4)?, text["savedAt"].as_f64()) {
            (0, _) => wild_number(driver)?,
            (1, Some(saved_at)) => saved_at - moment(driver)?,
            (_, saved_at) => saved_at.unwrap_or(1.76e12) + moment(driver)? / 100.0,
        };
        Some(Input {
            text,
            wall_now,
            now: moment(driver)?,
            allowed_ms: perhaps(driver, |driver| {
                Some(if once_in(driver, 4)? { f64::INFINITY } else { number(driver)?.max(1.0) })
            })?,
            happenings: some(driver, 12, Happening::any)?,
        })
    }
}

pub(crate) fn holds(input: &Input) {
    let Some(snapshot) = Snapshot::read(&&input.text) else { return };
    is_said_again(&snapshot);
    let mut saved = snapshot.saved.clone();
    let closed_for_ms = saved.closed_for_ms(input.wall_now);
    // A request, and the gap after it.
    assert!((0.0..=2.0 * LONGEST_RETRY_AFTER_MS + 1_000.0).contains(&closed_for_ms), "closed for {closed_for_ms}");
    if let Some(allowed_ms) = input.allowed_ms {
        saved.allow(Some(allowed_ms), 1_800_000.0, input.wall_now);
    }
    let asked = saved.plan;
    let (poll, effect) = Poll::restore(saved.clone(), input.now, input.wall_now);
    let plan = *poll.plan();
    for (name, ms, requested_ms) in [
        ("interval", plan.interval_ms, asked.interval_ms),
        ("floor", plan.floor_ms, asked.floor_ms),
        ("request timeout", plan.request_timeout_ms, asked.request_timeout_ms),
    ] {
        assert!((0.0..=LONGEST_RETRY_AFTER_MS).contains(&ms), "{name}: {ms}");
        let enough = requested_ms.is_nan() || ms >= requested_ms.min(LONGEST_RETRY_AFTER_MS);
        assert!(enough, "{name}: {ms} of {requested_ms}");
    }
    assert!(plan.interval_ms >= plan.floor_ms && plan.timeout_ms >= 0.0, "{plan:?}");
    assert!(poll.elapsed_ms(input.now) >= 0.0 && poll.begun_at().is_finite(), "begun at {}", poll.begun_at());
    assert!(poll.waiting_since() <= input.now, "not heard of since {}", poll.waiting_since());

    let Effect::Poll { due_at, give_up_at, .. } = effect else { unreachable!("it begins with {effect:?}") };
    assert!(due_at.is_finite() && due_at >= input.now, "due at {due_at}");
    assert!(give_up_at >= input.now, "given up at {give_up_at}");
    if let Some(sent_ago_ms) = saved.sent_ago_ms {
        let away_ms = (input.wall_now - saved.wall_at).max(0.0);
        let allowed_at = input.now + plan.floor_ms - sent_ago_ms.max(0.0) - away_ms;
        assert!(due_at >= allowed_at - ROUNDING_MS, "due at {due_at}, allowed at {allowed_at}");
    }
    drive::on(&snapshot, poll, closed_for_ms, input.now, &input.happenings);
}

/// A snapshot of ours with other numbers, and at times other members.
fn tampered(driver: &mut impl Driver) -> Option<Value> {
    let mut text = match once_in(driver, 4)? {
        true => json::changed(driver, &corpus::SNAPSHOTS, None)?,
        false => corpus::SNAPSHOTS[below(driver, corpus::SNAPSHOTS.len())?].clone(),
    };
    for _ in 0..below(driver, 8)? {
        let Some(members) = text.as_object_mut() else { break };
        let at = below(driver, members.len())?;
        let Some((name, member)) = members.iter_mut().nth(at) else { break };
        match (name.as_str(), &mut *member) {
            ("version", _) => {}
            ("observed", Value::Object(times)) => drop(times.insert("waiting".into(), number(driver)?.into())),
            (_, Value::Number(_)) => *member = number(driver)?.into(),
            _ => {}
        }
        if once_in(driver, 8)? {
            let name = name.clone();
            members.remove(&name);
        }
    }
    Some(text)
}

/// What was read and said again is read as the same.
fn is_said_again(snapshot: &Snapshot) {
    let say = |snapshot: &Snapshot| serde_json::to_value(snapshot.fields()).unwrap_or_default();
    let said = say(snapshot);
    let again = Snapshot::read(&&said);
    assert_eq!(again.as_ref().map(say), Some(said), "read again");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded;

    #[test]
    fn snapshots_of_ours_are_taken_up() {
        for text in corpus::SNAPSHOTS.iter() {
            let (now, wall_now) = (1_000.0, text["savedAt"].as_f64().unwrap() + 500.0);
            assert!(Snapshot::read(&text).is_some(), "{text}");
            holds(&Input { text: text.clone(), now, wall_now, allowed_ms: None, happenings: Vec::new() });
        }
    }

    #[test]
    fn about_half_of_the_inputs_are_snapshots_to_which_more_than_one_thing_happens() {
        let mut driven = 0;
        seeded::inputs(2_000).with_generator(Snapshots).for_each(|input: &Input| {
            driven += u32::from(Snapshot::read(&&input.text).is_some() && input.happenings.len() > 1);
        });
        println!("{driven}");
        assert!((900..1_500).contains(&driven), "{driven}");
    }
}

//! `Snapshot::read` and `Poll::restore`: a text from elsewhere, taken up and driven on.

mod drive;

use extracta_wasm::core::poll::{Effect, Poll};
use extracta_wasm::core::retry::LONGEST_RETRY_AFTER_MS;
use extracta_wasm::core::snapshot::Snapshot;
use serde_json::Value;

use crate::engine::Property;
use crate::pick::{Bytes, below, moment, number, once_in, perhaps, some, wild_number};
use crate::{corpus, json};
use drive::Happening;

/// Moments of a poll lie up to some decades apart, where neighbouring numbers do so by a fraction of this.
pub(super) const ROUNDING_MS: f64 = 0.01;

pub(super) struct Snapshots;

#[derive(Debug)]
pub(super) struct Input {
    text: Value,
    /// The clocks of the process that takes it up.
    now: f64,
    wall_now: f64,
    /// A new deadline, as the caller may give.
    allowed_ms: Option<f64>,
    happenings: Vec<Happening>,
}

impl Property for Snapshots {
    const NAME: &'static str = "snapshot";
    type Input = Input;

    fn any(bytes: &mut Bytes<'_>) -> Input {
        let text = if once_in(bytes, 16) { json::any(bytes, 3) } else { tampered(bytes) };
        // Mostly the wall clock goes on from the saving.
        let wall_now = match (below(bytes, 4), text["savedAt"].as_f64()) {
            (0, _) => wild_number(bytes),
            (1, Some(saved_at)) => saved_at - moment(bytes),
            (_, saved_at) => saved_at.unwrap_or(1.76e12) + moment(bytes) / 100.0,
        };
        Input {
            text,
            wall_now,
            now: moment(bytes),
            allowed_ms: perhaps(bytes, |bytes| if once_in(bytes, 4) { f64::INFINITY } else { number(bytes).max(1.0) }),
            happenings: some(bytes, 12, Happening::any),
        }
    }

    fn holds(input: &Input) {
        let Some(snapshot) = Snapshot::read(&&input.text) else { return };
        is_said_again(&snapshot);
        let mut saved = snapshot.saved.clone();
        let closed_for_ms = saved.closed_for_ms(input.wall_now);
        assert!((0.0..=LONGEST_RETRY_AFTER_MS).contains(&closed_for_ms), "closed for {closed_for_ms}");
        if let Some(allowed_ms) = input.allowed_ms {
            saved.allow(Some(allowed_ms), 1_800_000.0, input.wall_now);
        }
        let asked = saved.plan;
        let (poll, effect) = Poll::restore(saved.clone(), input.now, input.wall_now);
        let plan = *poll.plan();
        for (name, ms, asked_ms) in [
            ("interval", plan.interval_ms, asked.interval_ms),
            ("floor", plan.floor_ms, asked.floor_ms),
            ("request timeout", plan.request_timeout_ms, asked.request_timeout_ms),
        ] {
            assert!((0.0..=LONGEST_RETRY_AFTER_MS).contains(&ms), "{name}: {ms}");
            let enough = asked_ms.is_nan() || ms >= asked_ms.min(LONGEST_RETRY_AFTER_MS);
            assert!(enough, "{name}: {ms} of {asked_ms}");
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
}

/// A snapshot of ours with other numbers, and at times other members.
fn tampered(bytes: &mut Bytes<'_>) -> Value {
    let mut text = match once_in(bytes, 4) {
        true => json::changed(bytes, &corpus::SNAPSHOTS, None),
        false => corpus::SNAPSHOTS[below(bytes, corpus::SNAPSHOTS.len())].clone(),
    };
    for _ in 0..below(bytes, 8) {
        let Some(members) = text.as_object_mut() else { break };
        let at = below(bytes, members.len());
        let Some((name, member)) = members.iter_mut().nth(at) else { break };
        match (name.as_str(), &mut *member) {
            ("version", _) => {}
            ("observed", Value::Object(times)) => drop(times.insert("waiting".into(), number(bytes).into())),
            (_, Value::Number(_)) => *member = number(bytes).into(),
            _ => {}
        }
        if once_in(bytes, 8) {
            let name = name.clone();
            members.remove(&name);
        }
    }
    text
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
    use crate::engine::random_inputs;

    #[test]
    fn about_half_of_the_inputs_are_snapshots_to_which_more_than_one_thing_happens() {
        let is_driven = |input: &Input| Snapshot::read(&&input.text).is_some() && input.happenings.len() > 1;
        let driven = random_inputs::<Snapshots>(2_000).filter(is_driven).count();
        assert!((900..1_500).contains(&driven), "{driven}");
    }
}

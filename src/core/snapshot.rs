//! A poll as a text that another process can go on from: its ids and its state, no token and no document content.

use crate::core::batch::{Batch, Endpoint};
use crate::core::error::Code;
use crate::core::fields::Fields;
use crate::core::observed::Observed;
use crate::core::poll::{Plan, Saved};
use crate::core::response::{Json, Kind, OnUnknownStatus, Outcome};

/// What `version` says. A text of another version is refused, not guessed at.
const VERSION: f64 = 1.0;

/// All that a poll is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The batch.
    pub batch: Batch,
    /// What unknown file statuses mean to it.
    pub unknown: OnUnknownStatus,
    /// How many files it is expected to have; 0 where unknown.
    pub expected_files: f64,
    /// Its weight among others.
    pub priority: f64,
    /// How far it is.
    pub saved: Saved,
}

/// The numbers of a text, in the order of [`Snapshot::numbers`].
const NUMBERS: [&str; 15] = [
    "expectedFiles",
    "priority",
    "intervalMs",
    "minIntervalMs",
    "timeoutMs",
    "requestTimeoutMs",
    "maxRetries",
    "savedAt",
    "elapsedMs",
    "dueInMs",
    "sentAgoMs",
    "heardAgoMs",
    "attempts",
    "failuresInARow",
    "laneOpensInMs",
];

/// The names of all that a poll can see.
fn observable() -> impl Iterator<Item = &'static str> {
    let outcomes = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    outcomes.chain(Code::TRANSIENT.iter().map(|code| code.as_str()))
}

impl Snapshot {
    /// The members of the text's object.
    pub fn fields(&self) -> Fields<'_> {
        let mut fields = self.batch.ids();
        fields.number("version", VERSION);
        fields.text("onUnknownStatus", self.unknown.as_str());
        for (name, number) in NUMBERS.into_iter().zip(self.numbers()) {
            // JSON has no Infinity and no NaN: what is neither known nor limited is left out.
            fields.maybe_number(name, Some(number).filter(|number| number.is_finite()));
        }
        fields.object("observed", self.saved.observed.fields());
        fields
    }

    fn numbers(&self) -> [f64; NUMBERS.len()] {
        let Saved { plan, sent_ago_ms, answered_ago_ms, .. } = &self.saved;
        [
            self.expected_files,
            self.priority,
            plan.interval_ms,
            plan.floor_ms,
            plan.timeout_ms,
            plan.request_timeout_ms,
            plan.max_retries.into(),
            self.saved.wall_at,
            self.saved.elapsed_ms,
            self.saved.due_in_ms,
            sent_ago_ms.unwrap_or(f64::NAN),
            answered_ago_ms.unwrap_or(f64::NAN),
            self.saved.attempts.into(),
            self.saved.failures_in_a_row.into(),
            self.saved.opens_in_ms,
        ]
    }

    /// Reads the text's object; `None` if it is no snapshot of this version. What its numbers say is not believed: see
    /// [`Poll::restore`](crate::core::poll::Poll::restore).
    pub fn read<J: Json>(json: &J) -> Option<Self> {
        if json.kind() != Kind::Object {
            return None;
        }
        let number = |json: &J, name| json.member(name).and_then(|number| number.number());
        let id = |name| json.member(name).and_then(|id| id.text()).filter(|id| !id.is_empty());
        if number(json, "version") != Some(VERSION) {
            return None;
        }
        let templates = [Endpoint::Extraction, Endpoint::Classification].map(|endpoint| id(endpoint.template_member()));
        let (endpoint, template_id) = match templates {
            [Some(id), None] => (Endpoint::Extraction, id),
            [None, Some(id)] => (Endpoint::Classification, id),
            _ => return None,
        };
        let [
            expected_files,
            priority,
            interval_ms,
            floor_ms,
            timeout_ms,
            request_timeout_ms,
            max_retries,
            wall_at,
            elapsed_ms,
            due_in_ms,
            sent_ago_ms,
            answered_ago_ms,
            attempts,
            failures_in_a_row,
            opens_in_ms,
        ] = NUMBERS.map(|name| number(json, name).unwrap_or(f64::NAN));
        let known = |number: f64| Some(number).filter(|number| !number.is_nan());
        let observed = json.member("observed")?;
        let saved = Saved {
            plan: Plan {
                interval_ms,
                floor_ms,
                timeout_ms: known(timeout_ms).unwrap_or(f64::INFINITY),
                initial_delay_ms: 0.0,
                max_retries: max_retries as u32,
                request_timeout_ms,
                once: false,
            },
            wall_at,
            elapsed_ms,
            due_in_ms,
            sent_ago_ms: known(sent_ago_ms),
            answered_ago_ms: known(answered_ago_ms),
            attempts: attempts as u32,
            failures_in_a_row: failures_in_a_row as u32,
            observed: Observed::kept(observable().map(|name| (name, number(&observed, name).unwrap_or(0.0) as u32))),
            opens_in_ms,
        };
        let batch = Batch { endpoint, template_id, batch_id: id("batchId")?, file_id: id("fileId") };
        Some(Self { batch, unknown: OnUnknownStatus::named(&id("onUnknownStatus")?)?, expected_files, priority, saved })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::core::poll::{Event, Poll};

    fn snapshot(file_id: Option<&str>, timeout_ms: f64) -> Snapshot {
        let plan = Plan { timeout_ms, once: false, max_retries: 5, ..Plan::once(2_000.0, 30_000.0) };
        let (mut poll, _) = Poll::new(plan, 10.0);
        poll.sent(10.0);
        poll.step(Event::Read(Outcome::Waiting), 200.0);
        let batch = Batch {
            endpoint: Endpoint::Classification,
            template_id: "-T\"\n".into(),
            batch_id: "7".into(),
            file_id: file_id.map(Into::into),
        };
        let saved = poll.save(1_900.0, 300.0, 1.7e12);
        Snapshot { batch, unknown: OnUnknownStatus::Done, expected_files: 3.0, priority: 2.5, saved }
    }

    fn json(snapshot: &Snapshot) -> Value {
        serde_json::to_value(snapshot.fields()).unwrap()
    }

    #[test]
    fn a_text_says_all_that_the_poll_is_made_of() {
        for snapshot in [snapshot(None, 60_000.0), snapshot(Some("f"), f64::INFINITY)] {
            let text = json(&snapshot).to_string();
            assert!(text.len() < 600, "{}: {text}", text.len());
            assert_eq!(Snapshot::read(&&serde_json::from_str::<Value>(&text).unwrap()), Some(snapshot));
        }
    }

    #[test]
    fn what_is_no_snapshot_of_this_version_is_refused() {
        for value in [json!(null), json!([]), json!("{}"), json!({}), json!({ "version": 1 })] {
            assert_eq!(Snapshot::read(&&value), None, "{value}");
        }
        let whole = json(&snapshot(None, 60_000.0));
        for (name, other) in [
            ("version", json!(2)),
            ("version", json!("1")),
            ("extractionId", json!("both")),
            ("batchId", json!("")),
            ("batchId", json!(7)),
            ("onUnknownStatus", json!("ignore")),
            ("observed", json!(null)),
        ] {
            let mut changed = whole.clone();
            changed[name] = other.clone();
            assert_eq!(Snapshot::read(&&changed), None, "{name}: {other}");
        }
    }

    proptest! {
        #[test]
        fn numbers_of_any_size_and_none_are_read_and_taken_up(
            name in prop::sample::select(NUMBERS.to_vec()), number in prop::option::of(any::<f64>()),
        ) {
            let mut changed = json(&snapshot(None, 60_000.0));
            changed[name] = json!(number);
            let snapshot = Snapshot::read(&&changed).unwrap();
            let (poll, _) = Poll::restore(snapshot.saved, 5.0, 1.7e12);
            prop_assert!(poll.elapsed_ms(5.0) >= 0.0);
        }
    }
}

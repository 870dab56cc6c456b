//! `reply::read`: the body of a 2xx reply, which may be any JSON.

use bolero::{Driver, ValueGenerator, one_value_of};
use extracta_wasm::core::error::{Code, Failure};
use extracta_wasm::core::response::{OnUnknownStatus, Outcome, Reading, read};
use serde_json::{Map, Value};

use crate::json;
use crate::pick::{below, perhaps};
use crate::text::secret;
use crate::words::may_be_shown;

/// What to do with a status that nobody knows.
const UNKNOWN: [OnUnknownStatus; 3] = [OnUnknownStatus::Wait, OnUnknownStatus::Done, OnUnknownStatus::Throw];

pub(crate) struct Replies;

#[derive(Debug)]
pub(crate) struct Input {
    reply: Value,
    unknown: OnUnknownStatus,
    secret: Option<String>,
    /// Which file to move, and to where.
    moved: (usize, usize),
    /// What the API may add some day.
    added: (String, Value),
}

impl ValueGenerator for Replies {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let unknown = one_value_of(UNKNOWN).generate(driver)?;
        let secret = perhaps(driver, secret)?;
        let reply = json::reply(driver, secret.as_deref())?;
        Some(Input {
            moved: (below(driver, 8)?, below(driver, 8)?),
            added: (json::name(driver)?, json::any(driver, 2)?),
            reply,
            unknown,
            secret,
        })
    }
}

pub(crate) fn holds(input: &Input) {
    let result = input.read(&input.reply);
    let is_done = matches!(&result, Ok(reading) if reading.outcome == Outcome::Done);
    assert_eq!(is_done, contract_says_done(&input.reply, input.unknown), "done, {result:?}");
    match &result {
        Ok(reading) => adds_up(reading, &input.reply),
        Err(failure) => is_described_well(failure, input),
    }
    input.says_the_same_with_more_members(&result);
    input.says_the_same_in_another_order(&result);
}

type Result = std::result::Result<Reading, Box<Failure>>;

impl Input {
    fn read(&self, reply: &Value) -> Result {
        read(&reply, self.unknown, &|| self.secret.clone())
    }

    fn says_the_same_with_more_members(&self, result: &Result) {
        let (name, value) = &self.added;
        let mut reply = self.reply.clone();
        if !["status", "error", "message", "files"].contains(&name.as_str())
            && let Some(members) = reply.as_object_mut()
        {
            members.insert(name.clone(), value.clone());
        }
        if !["status", "fileId", "fileName"].contains(&name.as_str()) {
            for file in files_mut(&mut reply).into_iter().flatten().filter_map(Value::as_object_mut) {
                file.insert(name.clone(), value.clone());
            }
        }
        assert_eq!(&self.read(&reply), result, "with another member");
        // Absent and null are the same to the API, as far as anyone knows.
        if let Some(members) = reply.as_object_mut() {
            members.retain(|_, value| !value.is_null());
            assert_eq!(&self.read(&reply), result, "without what is null");
        }
    }

    fn says_the_same_in_another_order(&self, result: &Result) {
        let mut reply = self.reply.clone();
        let Some(list) = reply.get_mut("files").and_then(Value::as_array_mut).filter(|list| !list.is_empty()) else {
            return;
        };
        let (from, to) = (self.moved.0 % list.len(), self.moved.1 % list.len());
        let file = list.remove(from);
        list.insert(to, file);
        let mut moved = self.read(&reply);
        if let Ok(reading) = &mut moved {
            let is_final = reading.finals.remove(to);
            reading.finals.insert(from, is_final);
        }
        assert_eq!(&moved, result, "with a file moved from {from} to {to}");
    }
}

/// The rule, from what the API documents and what was seen of it: a JSON object without an error, whose status is neither
/// `waiting` nor `error`, with files that are all final.
fn contract_says_done(reply: &Value, unknown: OnUnknownStatus) -> bool {
    let Some(members) = reply.as_object() else { return false };
    let has_no_error = match members.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(words)) => words.is_empty(),
        Some(Value::Number(number)) => number.as_f64() == Some(0.0),
        Some(_) => false,
    };
    let is_over = match members.get("status") {
        None | Some(Value::Null) => true,
        Some(Value::String(status)) => status != "waiting" && status != "error",
        Some(_) => false,
    };
    let is_final = |file: &Value| match file["status"].as_str() {
        Some("processed" | "failed") => true,
        Some("waiting" | "processing") => false,
        _ => unknown == OnUnknownStatus::Done,
    };
    let files = files(members);
    has_no_error && is_over && !files.is_empty() && files.iter().all(|file| file.is_object() && is_final(file))
}

fn files(members: &Map<String, Value>) -> Vec<&Value> {
    match members.get("files") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(by_id)) => by_id.values().collect(),
        _ => Vec::new(),
    }
}

fn files_mut(reply: &mut Value) -> Option<Vec<&mut Value>> {
    match reply.get_mut("files")? {
        Value::Array(list) => Some(list.iter_mut().collect()),
        Value::Object(by_id) => Some(by_id.values_mut().collect()),
        _ => None,
    }
}

fn adds_up(Reading { outcome, counts, finals }: &Reading, reply: &Value) {
    let files = reply.as_object().map(files).unwrap_or_default();
    assert_eq!(counts.total as usize, files.len(), "files");
    assert_eq!(counts.total, counts.processed + counts.failed + counts.pending, "{counts:?}");
    assert_eq!(finals.len(), files.len(), "{finals:?}");
    assert_eq!(finals.iter().map(|one| u32::from(*one)).sum::<u32>(), counts.processed + counts.failed, "{counts:?}");
    match outcome {
        Outcome::Done => assert!(counts.pending == 0 && counts.total > 0, "{counts:?}"),
        Outcome::Partial | Outcome::UnknownStatus => assert!(counts.pending > 0, "{counts:?}"),
        Outcome::NoFiles => assert_eq!(counts.total, 0),
        Outcome::Waiting => assert_eq!(reply["status"], "waiting"),
    }
}

fn is_described_well(failure: &Failure, Input { reply, unknown, secret, .. }: &Input) {
    match failure.code {
        Code::NotJson => assert!(!reply.is_object()),
        Code::ApiError => assert!(!reply["error"].is_null()),
        Code::Server => assert_eq!(reply["status"], "error"),
        Code::UnexpectedReply => assert!(reply.is_object()),
        Code::UnknownStatus => assert_eq!(*unknown, OnUnknownStatus::Throw),
        code => unreachable!("{code:?} for a body"),
    }
    may_be_shown(failure.server_message.as_deref(), secret.as_deref());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{corpus, seeded};

    #[test]
    fn known_replies_are_read_as_the_contract_says() {
        for (reply, unknown) in corpus::REPLIES.iter().flat_map(|reply| UNKNOWN.map(|unknown| (reply, unknown))) {
            let added = ("added".to_owned(), Value::Null);
            holds(&Input { reply: reply.clone(), unknown, secret: None, moved: (0, 1), added });
        }
    }

    #[test]
    fn inputs_are_read_as_all_that_a_reply_can_be() {
        let mut times = BTreeMap::<&str, u32>::new();
        seeded::inputs(20_000).with_generator(Replies).for_each(|input: &Input| {
            let kind = match input.read(&input.reply) {
                Ok(reading) => reading.outcome.as_str(),
                Err(failure) if failure.server_message.is_some() => "words",
                Err(failure) => failure.code.as_str(),
            };
            *times.entry(kind).or_default() += 1;
        });
        println!("{times:?}");
        let codes = [Code::NotJson, Code::ApiError, Code::Server, Code::UnexpectedReply, Code::UnknownStatus];
        let kinds = Outcome::ALL.map(Outcome::as_str).into_iter().chain(codes.map(Code::as_str)).chain(["words"]);
        for kind in kinds {
            assert!(times.get(kind).is_some_and(|times| *times >= 20), "{kind}: {times:?}");
        }
    }
}

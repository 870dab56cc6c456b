//! `reply::said_in`: the body of a refusal, which may be any JSON.

use bolero::{Driver, ValueGenerator};
use extracta_wasm::core::response::said_in;
use serde_json::Value;

use crate::json;
use crate::pick::perhaps;
use crate::text::secret;
use crate::words::may_be_shown;

pub(crate) struct Refusals;

#[derive(Debug)]
pub(crate) struct Input {
    body: Value,
    secret: Option<String>,
}

impl ValueGenerator for Refusals {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let secret = perhaps(driver, secret)?;
        Some(Input { body: json::reply(driver, secret.as_deref())?, secret })
    }
}

pub(crate) fn holds(Input { body, secret }: &Input) {
    let said = said_in(&body, secret.as_deref());
    may_be_shown(said.as_deref(), secret.as_deref());
    // Words are in one of two places, as they are or one level down; elsewhere are none.
    let is_said = |name| {
        let words = body.get(name).map(|words| if words.is_object() { &words["message"] } else { words });
        words.and_then(Value::as_str).is_some_and(|words| words.chars().any(|c| c.is_alphanumeric()))
    };
    let has_words = body.is_object() && (is_said("message") || is_said("error"));
    assert!(!has_words || said.is_some() || is_late(body), "not passed on");
    assert!(body.is_object() || said.is_none(), "said in what is no object: {said:?}");
}

/// Whether words begin after more room than is passed on.
fn is_late(body: &Value) -> bool {
    body.to_string().chars().count() > 200
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus;

    #[test]
    fn known_replies_are_refusals_whose_words_may_be_shown() {
        for body in corpus::REPLIES.iter() {
            for secret in [None, Some("e".to_owned())] {
                holds(&Input { body: body.clone(), secret });
            }
        }
    }
}

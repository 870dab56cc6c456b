//! `reply::said_in`: the body of a refusal, which may be any JSON.

use extracta_wasm::core::response::said_in;
use serde_json::Value;

use super::words::may_be_shown;
use crate::engine::Property;
use crate::json;
use crate::pick::Bytes;
use crate::text::perhaps_secret;

pub(super) struct Refusals;

#[derive(Debug)]
pub(super) struct Input {
    body: Value,
    secret: Option<String>,
}

impl Property for Refusals {
    const NAME: &'static str = "refusal";
    type Input = Input;

    fn any(bytes: &mut Bytes<'_>) -> Input {
        let secret = perhaps_secret(bytes);
        Input { body: json::reply(bytes, secret.as_deref()), secret }
    }

    fn holds(Input { body, secret }: &Input) {
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
}

/// Whether words begin after more room than is passed on.
fn is_late(body: &Value) -> bool {
    body.to_string().chars().count() > 200
}

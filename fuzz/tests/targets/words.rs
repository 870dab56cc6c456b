//! `error::server_message`: the server's own words, which may quote the key.

use bolero::{Driver, ValueGenerator};
use extracta_wasm::core::error::server_message;

use crate::pick::perhaps;
use crate::text::{secret, speech};

pub(crate) struct Speeches;

#[derive(Debug)]
pub(crate) struct Input {
    words: String,
    secret: Option<String>,
}

impl ValueGenerator for Speeches {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let secret = perhaps(driver, secret)?;
        Some(Input { words: speech(driver, secret.as_deref())?, secret })
    }
}

pub(crate) fn holds(Input { words, secret }: &Input) {
    let passed_on = server_message(words, secret.as_deref());
    may_be_shown(passed_on.as_deref(), secret.as_deref());
    let says_nothing = words.chars().all(|c| c == ' ' || ends_line(c));
    assert!(!says_nothing || passed_on.is_none(), "nothing was said, and passed on is {passed_on:?}");
}

/// Words that are passed on are one line of at most 200 characters, and the key is not among them.
pub(crate) fn may_be_shown(words: Option<&str>, secret: Option<&str>) {
    let Some(words) = words else { return };
    assert!(!words.is_empty() && words.chars().count() <= 200, "{} characters", words.chars().count());
    assert!(is_one_line(words), "more than one line: {words:?}");
    if let Some(secret) = secret {
        assert!(!words.contains(secret), "{words:?} holds {secret:?}");
    }
}

/// By what ends a line anywhere: in a terminal, a log, JavaScript.
fn is_one_line(words: &str) -> bool {
    !words.contains(ends_line)
}

fn ends_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

//! Any text: words of the API, letters of several scripts, what breaks lines, and secrets hidden among them.

use std::ops::RangeInclusive;

use bolero::{Driver, TypeGenerator, ValueGenerator, one_of, one_value_of};

use crate::pick::{below, once_in, some};

/// Words that mean something somewhere in a reply.
const WORDS: [&str; 16] = [
    "",
    "processed",
    "waiting",
    "failed",
    "processing",
    "success",
    "error",
    "edited",
    "Processed",
    "waiting ",
    "null",
    "wait",
    "done",
    "throw",
    "-Oa1File",
    "message",
];

/// Letters of one to four bytes, and characters that end lines or say how text runs.
const ODD: [char; 20] = [
    'a', ' ', '\n', '\r', '\t', '\0', '\u{b}', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}', '\u{a0}', 'é', 'ד', '\u{2028}',
    '\u{2029}', '\u{202e}', '\u{feff}', '日', '😀',
];

/// What an API key is made of as far as the client takes one.
const VISIBLE: RangeInclusive<char> = '!'..='~';

/// One character.
fn letter(driver: &mut impl Driver) -> Option<char> {
    one_of((one_value_of(ODD), VISIBLE, char::produce())).generate(driver)
}

/// Any text, often a word of the API.
pub(crate) fn text(driver: &mut impl Driver) -> Option<String> {
    if once_in(driver, 4)? {
        return Some(some(driver, 12, letter)?.into_iter().collect());
    }
    Some(one_value_of(WORDS).generate(driver)?.into())
}

/// An API key.
pub(crate) fn secret(driver: &mut impl Driver) -> Option<String> {
    let first = VISIBLE.generate(driver)?;
    // Of few different letters, so that it overlaps with itself; or of any.
    let more = match below(driver, 3)? {
        0 => Vec::new(),
        1 => some(driver, 6, |driver| one_value_of(['b', first]).generate(driver))?,
        _ => some(driver, 30, |driver| VISIBLE.generate(driver))?,
    };
    Some(std::iter::once(first).chain(more).collect())
}

/// What a server says: long at times, with `secret` in it, whole, in part and repeated.
pub(crate) fn speech(driver: &mut impl Driver, secret: Option<&str>) -> Option<String> {
    let mut speech = String::new();
    for _ in 0..below(driver, 12)? {
        match (below(driver, 5)?, secret) {
            (0, Some(secret)) => speech.push_str(secret),
            (1, Some(secret)) => speech.push_str(part(driver, secret)?),
            (2, _) => speech.push_str(&text(driver)?),
            (3, _) => speech.extend(std::iter::repeat_n(letter(driver)?, below(driver, 220)?)),
            _ => speech.extend(some(driver, 8, letter)?),
        }
    }
    Some(speech)
}

/// The beginning or the end of a key, which is ASCII.
fn part<'a>(driver: &mut impl Driver, secret: &'a str) -> Option<&'a str> {
    let (begin, end) = secret.split_at(below(driver, secret.len())?);
    Some(if once_in(driver, 2)? { begin } else { end })
}

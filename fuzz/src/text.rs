//! Any text: words of the API, letters of several scripts, what breaks lines, and secrets hidden among them.

use crate::pick::{Bytes, below, once_in, one_of, perhaps, plain, some};

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

/// One character.
fn letter(bytes: &mut Bytes<'_>) -> char {
    match below(bytes, 3) {
        0 => one_of(bytes, &ODD),
        1 => visible(bytes),
        _ => plain(bytes),
    }
}

fn visible(bytes: &mut Bytes<'_>) -> char {
    char::from(b'!' + below(bytes, 94) as u8)
}

/// Any text, often a word of the API.
pub(crate) fn text(bytes: &mut Bytes<'_>) -> String {
    if once_in(bytes, 4) { some(bytes, 12, letter).into_iter().collect() } else { one_of(bytes, &WORDS).into() }
}

/// An API key as far as the client takes one: visible ASCII.
pub(crate) fn secret(bytes: &mut Bytes<'_>) -> String {
    let first = visible(bytes);
    // Of few different letters, so that it overlaps with itself; or of any.
    let mut key = String::from(first);
    match below(bytes, 3) {
        0 => {}
        1 => key.extend(some(bytes, 6, |bytes| if once_in(bytes, 2) { first } else { 'b' })),
        _ => key.extend(some(bytes, 30, visible)),
    }
    key
}

/// What a server says: long at times, with `secret` in it, whole, in part and repeated.
pub(crate) fn speech(bytes: &mut Bytes<'_>, secret: Option<&str>) -> String {
    let mut speech = String::new();
    for _ in 0..below(bytes, 12) {
        match (below(bytes, 5), secret) {
            (0, Some(secret)) => speech.push_str(secret),
            (1, Some(secret)) => speech.push_str(part(bytes, secret)),
            (2, _) => speech.push_str(&text(bytes)),
            (3, _) => speech.extend(std::iter::repeat_n(letter(bytes), below(bytes, 220))),
            _ => speech.extend(some(bytes, 8, letter)),
        }
    }
    speech
}

/// The beginning or the end of a key, which is ASCII.
fn part<'a>(bytes: &mut Bytes<'_>, secret: &'a str) -> &'a str {
    let (begin, end) = secret.split_at(below(bytes, secret.len()));
    if once_in(bytes, 2) { begin } else { end }
}

/// A key, or none as where a proxy adds it.
pub(crate) fn perhaps_secret(bytes: &mut Bytes<'_>) -> Option<String> {
    perhaps(bytes, secret)
}

//! Which known name a caller may have meant.

/// Names farther away are no slips.
const FARTHEST: usize = 3;

/// What people call a thing that has another name here.
const OTHER_WORDS: [(&str, &str); 3] = [("apikey", "token"), ("key", "token"), ("apitoken", "token")];

/// The known name nearest to `name`, if one is near: letter case and separators aside, part of it or few edits away.
pub fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let plain = plain(name);
    if let Some((_, meant)) = OTHER_WORDS.iter().find(|(word, _)| word.as_bytes() == plain) {
        return known.iter().find(|name| *name == meant).copied();
    }
    let near = known.iter().map(|known| (distance(&plain, &self::plain(known)), *known));
    near.filter(|(distance, _)| *distance <= FARTHEST).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// As bytes: what works on characters brings tables of them.
fn plain(name: &str) -> Vec<u8> {
    name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase()).collect()
}

fn distance(one: &[u8], other: &[u8]) -> usize {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() > 2 && long.windows(short.len()).any(|part| part == short) {
        return (long.len() - short.len()) / 3;
    }
    let mut row: Vec<usize> = (0..=short.len()).collect();
    for (at, letter) in long.iter().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        for (cell, others) in row.iter_mut().zip(std::iter::once(None).chain(short.iter().map(Some))) {
            let above = *cell;
            *cell = match others {
                None => at + 1,
                Some(others) => (left + 1).min(above + 1).min(diagonal + usize::from(letter != others)),
            };
            (diagonal, left) = (above, *cell);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn slips_and_other_words_lead_to_the_name() {
        let client = ["token", "baseUrl", "fetch", "headers", "requestTimeoutMs", "minIntervalMs", "onEvent"];
        let poll =
            ["signal", "requestTimeoutMs", "timeoutMs", "intervalMs", "initialDelayMs", "maxRetries", "onProgress"];
        for (name, known, meant) in [
            ("apiKey", &client[..], Some("token")),
            ("API_KEY", &client, Some("token")),
            ("Token", &client, Some("token")),
            ("tokens", &client, Some("token")),
            ("tokne", &client, Some("token")),
            ("baseURL", &client, Some("baseUrl")),
            ("url", &client, Some("baseUrl")),
            ("timeout", &client, Some("requestTimeoutMs")),
            ("timeout", &poll, Some("timeoutMs")),
            ("interval", &poll, Some("intervalMs")),
            ("retries", &poll, Some("maxRetries")),
            ("maxRetry", &poll, Some("maxRetries")),
            ("onprogres", &poll, Some("onProgress")),
            ("apiKey", &poll, None),
            ("concurrency", &poll, None),
            ("", &poll, None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }

    #[test]
    fn edits_are_counted() {
        for (one, other, edits) in [("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("a", "a", 0)] {
            assert_eq!(distance(one.as_bytes(), other.as_bytes()), edits, "{one} {other}");
            assert_eq!(distance(other.as_bytes(), one.as_bytes()), edits, "{other} {one}");
        }
    }
}

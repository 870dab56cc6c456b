//! The server's own words, which may quote the key.

/// How much of the server's own words is passed on, in characters.
const SERVER_MESSAGE_LIMIT: usize = 200;

/// Stands for the key. No key has a character of it, as keys are visible ASCII: it cannot help to spell one.
const HIDDEN: &[u8] = "•••".as_bytes();

/// The server's words as one line of at most 200 characters, without `secret` should the server have echoed it.
///
/// Over bytes: what works on characters brings tables of them, and `str::replace` a search, of some kilobytes each.
pub fn server_message(text: &str, secret: Option<&str>) -> Option<String> {
    let secret = secret.unwrap_or_default().as_bytes();
    let (mut line, mut characters) = (Vec::new(), 0);
    let mut rest = text.trim_ascii().as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let mut next = std::slice::from_ref(first);
        rest = match rest.strip_prefix(secret) {
            Some(behind) if !secret.is_empty() => {
                next = HIDDEN;
                behind
            }
            _ => match rest {
                // Control characters beyond ASCII, which terminals obey too, and U+2028 and U+2029, which end a line in
                // JavaScript.
                [0xc2, 0x80..=0x9f, behind @ ..] | [0xe2, 0x80, 0xa8 | 0xa9, behind @ ..] => {
                    next = b" ";
                    behind
                }
                _ => behind,
            },
        };
        // A character begins with each byte that is no continuation of one.
        characters += next.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        if characters > SERVER_MESSAGE_LIMIT {
            break;
        }
        line.extend(next.iter().map(|byte| if byte.is_ascii_control() { b' ' } else { *byte }));
    }
    // Whole characters were put in place of others, or left out, so what is left is text.
    String::from_utf8(line).ok().filter(|line| !line.trim_ascii().is_empty())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_token_echoed_by_the_server_is_not_passed_on() {
        assert_eq!(server_message("bad key k_1!", Some("k_1")).unwrap(), "bad key •••!");
        assert_eq!(server_message(&"x".repeat(900), None).unwrap().len(), 200);
        assert_eq!(server_message(" \n ", None), None);
        assert_eq!(server_message("plain", Some("")).unwrap(), "plain");
        assert_eq!(server_message("a\u{9b}2J\u{85}b\u{7f}\0é", None).unwrap(), "a 2J b  é");
        assert_eq!(server_message(&"é".repeat(300), None).unwrap().chars().count(), 200);
        assert_eq!(server_message(&"k_1".repeat(300), Some("k_1")).unwrap(), "•".repeat(198));
        assert_eq!(server_message("é k_1k_1 ü", Some("k_1")).unwrap(), "é •••••• ü");
    }

    #[test]
    fn what_stands_for_the_token_cannot_spell_it() {
        for secret in ["t", "token", "]", "[token]", "n]x", "a[t"] {
            let said = server_message(&["é", secret, " ", secret].concat(), Some(secret)).unwrap();
            assert_eq!(said, "é••• •••", "{secret}");
        }
        assert!(!server_message("aa[tb", Some("a[t")).unwrap().contains("a[t"));
    }

    #[test]
    fn what_ends_a_line_anywhere_is_no_part_of_it() {
        assert_eq!(server_message("a\r\u{85}b\u{2028}c\u{2029}d", None).unwrap(), "a  b c d");
    }
}

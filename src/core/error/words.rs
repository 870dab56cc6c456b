//! The server's own words, which may quote the key.

/// How much of the server's own words is passed on, in characters.
const SERVER_MESSAGE_LIMIT: usize = 200;

/// Stands for the key. No key has a character of it, as keys are visible ASCII: it cannot help to spell one.
const HIDDEN: &[u8] = "•••".as_bytes();

/// How much of a server's words is looked at, in bytes.
const LOOKED_AT: usize = 4_096;

/// So much of a secret gives it away where the rest is cut off: half of it, or all up to the end of the text.
const REVEALING: usize = 8;
const REVEALING_AT_THE_END: usize = 6;

/// Of a shorter secret nothing can be distinguished from random letters.
const SHORTEST_PACKED: usize = 4;

/// How often one escape may be written by way of another.
const MOST_LAYERS: u32 = 4;

/// The other words of headers may be names, of schemes and of languages.
const SHORTEST_WORD: usize = 8;

/// The server's words as one line of at most 200 characters, without the secrets, which spaces divide, should the server have
/// echoed one: the key, which comes first, or another that is long enough, in any letter case, and as JSON, URLs, HTML, base64 or hexadecimal digits write it.
///
/// Over bytes: what works on characters brings tables of them, and `str::replace` a search, of some kilobytes each.
pub fn server_message(text: &str, secrets: Option<&str>) -> Option<String> {
    let text = text.trim_ascii();
    let mut end = LOOKED_AT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.as_bytes().get(..end)?;
    let shown = shown_of(text, secrets.unwrap_or_default().as_bytes());
    let (mut line, mut characters) = (Vec::new(), 0);
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let mut next = std::slice::from_ref(first);
        let mut shown = shown.get(text.len() - rest.len()).copied();
        rest = match rest {
            // Control characters beyond ASCII, which terminals obey too, and U+2028 and U+2029, which end a line in JavaScript.
            [0xc2, 0x80..=0x9f, behind @ ..] | [0xe2, 0x80, 0xa8 | 0xa9, behind @ ..] => {
                shown = Some(BLANK);
                behind
            }
            _ => behind,
        };
        match shown {
            Some(BLANK) => next = b" ",
            Some(BEGIN) => next = HIDDEN,
            Some(REST) => continue,
            _ => {}
        }
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

/// What becomes of a byte: it is shown, is a space, begins a secret, or is more of one.
const SHOWN: u8 = 0;
const BLANK: u8 = 1;
const BEGIN: u8 = 2;
const REST: u8 = 3;

/// A reading of a text: bytes, each with the place in the text where it ends.
type Reading = Vec<(u8, usize)>;

/// What becomes of each byte of the text.
fn shown_of(text: &[u8], secrets: &[u8]) -> Vec<u8> {
    let mut shown = vec![SHOWN; text.len()];
    let mut reading: Reading = text.iter().copied().zip(1..).collect();
    for _ in 0..MOST_LAYERS {
        for (index, secret) in secrets.split(|byte| *byte == b' ').enumerate() {
            if secret.len() < if index == 0 { 1 } else { SHORTEST_WORD } {
                continue;
            }
            hide(secret, &reading, &mut shown);
            // Of base64 and of hexadecimal digits. Where a row of them begins, nobody knows.
            let packed = [(6, 0), (6, 1), (6, 2), (6, 3), (4, 0), (4, 1)];
            for (bits, skipped) in packed.into_iter().filter(|_| secret.len() >= SHORTEST_PACKED) {
                hide(secret, &unpacked(&reading, bits, skipped), &mut shown);
            }
        }
        let plain = unescaped(&reading);
        if plain.len() == reading.len() {
            break;
        }
        reading = plain;
    }
    shown
}

/// Marks where the secret is written, or so much of it that the rest does not matter.
fn hide(secret: &[u8], mut reading: &[(u8, usize)], shown: &mut [u8]) {
    let mut begin = 0;
    while let [(_, end), behind @ ..] = reading {
        let same = reading.iter().zip(secret).take_while(|((byte, _), other)| byte.eq_ignore_ascii_case(other)).count();
        let reveals = same == secret.len()
            || (same >= REVEALING && 2 * same >= secret.len())
            || (same >= REVEALING_AT_THE_END && same == reading.len());
        let Some((written, after)) = reading.split_at_checked(same).filter(|_| reveals) else {
            (reading, begin) = (behind, *end);
            continue;
        };
        let end = written.last().map_or(begin, |(_, end)| *end);
        if let Some([first, rest @ ..]) = shown.get_mut(begin..end) {
            *first = BEGIN;
            rest.fill(REST);
        }
        (reading, begin) = (after, end);
    }
}

/// With each escape as the character that it stands for.
fn unescaped(reading: &[(u8, usize)]) -> Reading {
    let bytes: Vec<u8> = reading.iter().map(|(byte, _)| *byte).collect();
    let (mut plain, mut rest) = (Reading::new(), &*bytes);
    while let Some((first, behind)) = rest.split_first() {
        let byte;
        (byte, rest) = escaped(rest).unwrap_or((*first, behind));
        if let Some((_, end)) = reading.get(bytes.len() - rest.len() - 1) {
            plain.push((byte, *end));
        }
    }
    plain
}

/// The bytes that digits of so many bits write, without the first few of each row of digits.
fn unpacked(reading: &[(u8, usize)], bits: u32, skipped: u32) -> Reading {
    let mut unpacked = Reading::new();
    let (mut number, mut known, mut seen) = (0, 0, 0);
    for (letter, end) in reading {
        let Some(digit) = digit(*letter, bits) else {
            // No secret has it.
            unpacked.push((0, *end));
            (known, seen) = (0, 0);
            continue;
        };
        seen += 1;
        if seen > skipped {
            number = number << bits | digit;
            known += bits;
        }
        if known >= 8 {
            known -= 8;
            unpacked.push(((number >> known) as u8, *end));
        }
    }
    unpacked
}

/// Of hexadecimal digits, or of either alphabet of base64.
fn digit(letter: u8, bits: u32) -> Option<u32> {
    if bits == 4 {
        return char::from(letter).to_digit(16);
    }
    Some(match letter {
        b'A'..=b'Z' => (letter - b'A').into(),
        b'a'..=b'z' => (letter - b'a' + 26).into(),
        b'0'..=b'9' => (letter - b'0' + 52).into(),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The character that an escape of URLs, JSON or HTML at the beginning stands for, and what follows it.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let signs: [(&[u8], u8); 9] = [
        (b"\\/", b'/'),
        (b"\\\"", b'"'),
        (b"\\'", b'\''),
        (b"\\\\", b'\\'),
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&quot;", b'"'),
        (b"&apos;", b'\''),
    ];
    for (sign, byte) in signs {
        if let Some(behind) = text.strip_prefix(sign) {
            return Some((byte, behind));
        }
    }
    // How many digits there may be, and their base.
    let numbers: [(&[u8], usize, u32); 6] =
        [(b"%", 2, 16), (b"\\u00", 2, 16), (b"\\x", 2, 16), (b"&#x", 7, 16), (b"&#X", 7, 16), (b"&#", 7, 10)];
    for (sign, most, base) in numbers {
        let Some(mut rest) = text.strip_prefix(sign) else { continue };
        let (mut number, mut many) = (0, 0);
        while let Some((first, behind)) = rest.split_first().filter(|_| many < most)
            && let Some(digit) = char::from(*first).to_digit(base)
        {
            number = number * base + digit;
            many += 1;
            rest = behind;
        }
        // The sign at the end of an entity may be left out.
        rest = rest.strip_prefix(b";").filter(|_| most > 2).unwrap_or(rest);
        return u8::try_from(number).ok().filter(|_| many == 2 || (many > 0 && most > 2)).map(|byte| (byte, rest));
    }
    None
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

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

    /// What begins an escape is never written as it is among escapes.
    fn plain(letter: char) -> String {
        if matches!(letter, '%' | '\\' | '&') { format!("%{:02x}", letter as u32) } else { letter.into() }
    }

    /// Ways to write a character.
    const SPELLINGS: [fn(char) -> String; 8] = [
        plain,
        |letter| plain(letter.to_ascii_uppercase()),
        |letter| plain(letter.to_ascii_lowercase()),
        |letter| format!("%{:02X}", letter as u32),
        |letter| format!("\\u{:04x}", letter as u32),
        |letter| format!("&#{};", letter as u32),
        |letter| format!("&#x{:X};", letter as u32),
        |letter| match letter {
            '"' => "&quot;".into(),
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '/' => "\\/".into(),
            _ => plain(letter),
        },
    ];

    fn base64(bytes: &[u8], alphabet: &[u8]) -> String {
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let number =
                three.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
            for place in 0..=three.len() {
                text.push(alphabet[number >> (18 - 6 * place) & 63].into());
            }
        }
        text
    }

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    proptest! {
        #[test]
        fn a_secret_is_hidden_however_each_of_its_characters_is_written(
            secret in "[!-~]{1,40}", spellings in prop::collection::vec(0..SPELLINGS.len(), 40), is_twice: bool,
            before in "[é .]{0,10}", behind in "[é .]{0,10}",
        ) {
            let mut written: String =
                secret.chars().zip(spellings).map(|(letter, spelling)| SPELLINGS[spelling](letter)).collect();
            if is_twice {
                written = written.bytes().map(|byte| format!("%{byte:02x}")).collect();
            }
            let said = server_message(&[&before, "é", &*written, "é", &behind].concat(), Some(&secret)).unwrap();
            let visible: String = said.chars().filter(char::is_ascii_graphic).filter(|letter| *letter != '.').collect();
            prop_assert_eq!(visible, "");
        }

        #[test]
        fn a_secret_is_hidden_among_what_base64_and_hexadecimal_digits_write(
            secret in "[!-~]{4,40}", user in "[a-z]{0,9}", is_upper: bool, behind in "[a-z:]{0,9}",
        ) {
            let words = [&user, ":", &*if is_upper { secret.to_uppercase() } else { secret.clone() }, &behind].concat();
            let url_safe: Vec<u8> =
                ALPHABET.iter().map(|letter| match letter { b'+' => b'-', b'/' => b'_', _ => *letter }).collect();
            let hex: String = words.bytes().map(|byte| format!("{byte:02X}")).collect();
            for written in [base64(words.as_bytes(), ALPHABET), base64(words.as_bytes(), &url_safe), hex] {
                let said = server_message(&["é", &*written, "é"].concat(), Some(&secret)).unwrap();
                let left = said.split('•').map(str::len).max().unwrap();
                prop_assert!(said.contains("•••") && left <= 2 * (user.len() + behind.len() + 4), "{}: {}", written, said);
            }
        }
    }

    #[test]
    fn a_secret_that_is_cut_off_is_hidden_and_others_beside_it() {
        assert_eq!(server_message("key sk-1234", Some("sk-123456789")).unwrap(), "key •••");
        assert_eq!(server_message("key sk-12345... is bad", Some("sk-123456789")).unwrap(), "key •••... is bad");
        assert_eq!(server_message("one two Three", Some("three one Two")).unwrap(), "one two •••");
        assert_eq!(server_message("one three words", Some(" another THREE-WORDS three w")).unwrap(), "one three words");
        assert_eq!(server_message("one three-words", Some(" another THREE-WORDS three")).unwrap(), "one •••");
        assert_eq!(server_message("sk and tests", Some("sk-123456789 test-123456")).unwrap(), "sk and tests");
    }

    #[test]
    fn a_long_text_ends_before_what_was_not_looked_at() {
        let text = [&" x".repeat(2_040), "secret-of-the-account".repeat(2).as_str()].concat();
        assert!(!server_message(&text, Some("secret-of-the-account")).unwrap().contains("secret"));
        let said = server_message(&"é".repeat(9_000), Some("secret")).unwrap();
        assert_eq!(said.chars().count(), 200);
    }

    #[test]
    fn what_ends_a_line_anywhere_is_no_part_of_it() {
        assert_eq!(server_message("a\r\u{85}b\u{2028}c\u{2029}d", None).unwrap(), "a  b c d");
    }
}

//! Where an address leads, however it is spelled.

/// The place that a host and a path name, as bytes: the same for all spellings. It only distinguishes lanes; requests go where the
/// caller says.
///
/// A host's final dots, the path's letter case, doubled slashes and percent-encoded letters make no other place. More than that
/// may be one place to a server, which then has too few lanes here rather than too many.
pub fn place(hostname: &str, port: &str, path: &str) -> Vec<u8> {
    let mut place = host(hostname).as_bytes().to_vec();
    if !port.is_empty() {
        place.push(b':');
        place.extend(port.bytes());
    }
    let mut rest = path.as_bytes();
    let mut is_after_slash = false;
    let mut decoded = Vec::new();
    while let Some((first, behind)) = rest.split_first() {
        let letter = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        match letter.filter(|letter| letter.is_ascii_alphanumeric() || b"-._~".contains(letter)) {
            Some(letter) => {
                decoded.push(letter);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = behind;
            }
        }
    }
    for byte in decoded.iter().chain(b"/") {
        if *byte != b'/' && is_after_slash {
            place.push(b'/');
        }
        is_after_slash = *byte == b'/';
        if !is_after_slash {
            place.push(byte.to_ascii_lowercase());
        }
    }
    place
}

/// Whether a host is the API's.
pub fn is_extracta(hostname: &str) -> bool {
    let host = host(hostname);
    host == "extracta.ai" || host.ends_with(".extracta.ai")
}

fn host(hostname: &str) -> &str {
    let mut host = hostname;
    while let Some(shorter) = host.strip_suffix('.') {
        host = shorter;
    }
    host
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one_place() {
        let expected = "api.extracta.ai/api/v1";
        for (host, path) in [
            ("api.extracta.ai", "/api/v1"),
            ("api.extracta.ai.", "/api/v1/"),
            ("api.extracta.ai..", "//api///v1//"),
            ("api.extracta.ai", "/%61pi/%76%31"),
            ("api.extracta.ai", "/API/v1"),
        ] {
            assert_eq!(place(host, "", path), expected.as_bytes(), "{host}{path}");
        }
        assert_eq!(place("a.b", "81", ""), b"a.b:81");
        assert_eq!(place("a.b", "", "/x%2Fy%zz%"), b"a.b/x%2fy%zz%");
        assert_ne!(place("a.b", "", "/x"), place("a.b", "", "/y"));
    }

    #[test]
    fn the_api_is_known_by_its_host() {
        for host in ["extracta.ai", "api.extracta.ai", "api.extracta.ai."] {
            assert!(is_extracta(host), "{host}");
        }
        for host in ["notextracta.ai", "extracta.ai.example", ""] {
            assert!(!is_extracta(host), "{host}");
        }
    }
}

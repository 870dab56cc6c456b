//! The sentence that tells a person what happened and what to do about it.

use super::{Code, Failure};

impl Code {
    /// What happened and what to do, for the codes whose sentence needs no figures.
    const fn advice(self) -> &'static str {
        match self {
            Self::InvalidOption => "An option is not valid.",
            Self::BrowserToken => {
                "An API key on a web page can be read by every visitor. Set baseUrl to a proxy of yours that adds the key \
                 and leave token out, or, on a page only you can open, set allowTokenInBrowser: true."
            }
            Self::InvalidSnapshot => {
                "The snapshot cannot be read. Pass a text that watch.snapshot() or a POLL_TIMEOUT error gave, of this version."
            }
            Self::Closed => "The client is closed. Create a new ExtractaClient.",
            Self::Network => {
                "The request got no answer. Check the connection and baseUrl; in a browser, also that the server allows \
                 this origin (CORS)."
            }
            Self::RequestTimeout => "The request took longer than requestTimeoutMs. Try again, or allow more time.",
            Self::RateLimited => "Too many requests for this API key. Check that nothing else polls with it.",
            Self::Server => "The server failed to answer. Try again later.",
            Self::Unauthenticated => "The API key was not accepted. Check the token option, or what your proxy adds.",
            Self::Forbidden => "The API key may not read this batch. Check that the ids belong to its account.",
            Self::NotFound => "Nothing was found there. Check the batch's ids and baseUrl.",
            Self::BadRequest => "The request was refused. Check the batch's ids and baseUrl.",
            Self::ApiError => "The API reports an error. Check the batch's ids.",
            Self::NotJson => "The answer is not a JSON object. Check that baseUrl leads to the API, not to a web page.",
            Self::UnexpectedReply => {
                "The answer has a shape this version cannot read. Check baseUrl, then look for a newer version."
            }
            Self::UnknownStatus => {
                "A file has a status this version does not know. Set onUnknownStatus to \"wait\" or \"done\", or look for \
                 a newer version."
            }
            Self::PollTimeout => {
                "The batch was not finished in time; it may still finish. Go on with client.resume(error.snapshot), or allow a \
                 larger timeoutMs."
            }
            Self::RetriesExhausted => "Too many failures in a row; cause is the last one. Try again later.",
        }
    }
}

impl Failure {
    /// The one line a person reads.
    pub fn message(&self) -> String {
        let mut message = String::new();
        if let Some(endpoint) = self.endpoint {
            message.push_str(endpoint.path());
            message.push_str(": ");
        }
        message.push_str(self.detail.as_deref().unwrap_or(self.code.advice()));
        let mut facts = Facts { message: &mut message, open: false };
        if let Some(status) = self.http_status.filter(|status| !(200..300).contains(status)) {
            facts.add("HTTP ", Fact::Count(u32::from(status)), "");
        }
        if let Some(attempts) = self.attempts.filter(|attempts| *attempts > 1) {
            facts.add("after ", Fact::Count(attempts), " requests");
        }
        if let Some(elapsed_ms) = self.elapsed_ms.filter(|elapsed_ms| *elapsed_ms >= 1_000.0) {
            facts.add("in ", Fact::Count((elapsed_ms / 1_000.0) as u32), " s");
        }
        if let Some(text) = &self.server_message {
            facts.add("the server says: ", Fact::Text(text), "");
        }
        if facts.open {
            message.push(')');
        }
        message
    }
}

enum Fact<'a> {
    Count(u32),
    Text(&'a str),
}

/// The brackets behind the sentence.
struct Facts<'a> {
    message: &'a mut String,
    open: bool,
}

impl Facts<'_> {
    fn add(&mut self, before: &str, fact: Fact<'_>, after: &str) {
        self.message.push_str(if self.open { ", " } else { " (" });
        self.open = true;
        self.message.push_str(before);
        match fact {
            Fact::Count(count) => self.message.push_str(itoa::Buffer::new().format(count)),
            Fact::Text(text) => self.message.push_str(text),
        }
        self.message.push_str(after);
    }
}

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
    use crate::job::Endpoint;

    #[test]
    fn a_message_is_one_line_with_the_facts_in_brackets() {
        let failure = Failure {
            endpoint: Some(Endpoint::Extraction),
            http_status: Some(503),
            attempts: Some(3),
            elapsed_ms: Some(7_250.0),
            server_message: server_message("down\nfor\tmaintenance", None),
            ..Failure::new(Code::Server)
        };
        assert_eq!(
            failure.message(),
            "getBatchResults: The server failed to answer. Try again later. (HTTP 503, after 3 requests, in 7 s, the \
             server says: down for maintenance)"
        );
    }

    #[test]
    fn an_invalid_option_is_named_with_what_is_allowed_and_what_came() {
        let failure = Failure::invalid_option("timeoutMs", "a number of milliseconds above 0", "a string");
        assert_eq!(failure.message(), "timeoutMs must be a number of milliseconds above 0; got a string.");
        assert_eq!(failure.option, Some("timeoutMs"));
    }

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

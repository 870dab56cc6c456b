//! What POLL_TIMEOUT says, by what the poll saw.

use crate::core::error::Code;
use crate::core::observed::Observed;

/// What happened until the deadline, and what to do.
pub fn timeout_sentence(observed: &Observed, attempts: u32, is_offline: bool) -> &'static str {
    let is_failure = |outcome: &str| Code::TRANSIENT.iter().any(|code| code.as_str() == outcome);
    if is_offline {
        return "The browser is offline, and timeoutMs passed. Continue with client.resume(error.snapshot) when it is online again.";
    }
    if attempts == 0 {
        return "timeoutMs passed while the poll was still waiting in line for its first request. Poll fewer batches at once, or allow a larger timeoutMs; continue with client.resume(error.snapshot).";
    }
    if observed.is_only(is_failure) {
        return "Every request failed until timeoutMs passed; cause is the last failure. Fix it, then continue with client.resume(error.snapshot).";
    }
    if observed.is_only(|outcome| outcome == "noFiles" || is_failure(outcome)) {
        return "No file of the batch appeared before timeoutMs passed. Check its ids, and that the upload succeeded; continue with client.resume(error.snapshot).";
    }
    if observed.times("unknownStatus") > 0 {
        return "The batch was not finished in time: files have a status that this version does not know. Set onUnknownStatus, or continue with client.resume(error.snapshot).";
    }
    Code::PollTimeout.advice()
}

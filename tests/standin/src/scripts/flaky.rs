//! A batch whose way to its end is beset with faults, drawn by its number, so that a run can be repeated.

use super::{Poll, errors, states, wire};
use crate::reply::Reply;

/// Every third answer is a good one: a client that gives up after five failures in a row, or after three answers that are
/// no JSON, gets through.
const GOOD_EVERY: u32 = 3;

/// What may come instead of a good answer. Those that hold the lane up are rare, as they would be most of the time spent.
const FAULTS: [fn(&Poll) -> Reply; 16] = [
    unavailable,
    failed,
    errors::style_status,
    gateway_page,
    wire::reset,
    wire::reset_in_body,
    wire::cut_body,
    wire::truncated_json,
    wire::empty_body,
    wire::text_body,
    wire::array_body,
    busy,
    states::forever,
    states::forever,
    unavailable,
    failed,
];

pub(super) fn flaky(poll: &Poll) -> Reply {
    if poll.count >= 4 + poll.number % 7 {
        return poll.done();
    }
    if poll.count.is_multiple_of(GOOD_EVERY) {
        return poll.waiting();
    }
    let drawn = drawn(poll.number, poll.count);
    // One in 64: it costs the client its whole limit for a request.
    if drawn.is_multiple_of(64) {
        return wire::never_answers(poll);
    }
    FAULTS.get(drawn as usize / 64 % FAULTS.len()).map_or_else(|| poll.waiting(), |fault| fault(poll))
}

fn unavailable(poll: &Poll) -> Reply {
    errors::refusal(poll, 503, "Service unavailable")
}

fn failed(poll: &Poll) -> Reply {
    errors::refusal(poll, 500, "Internal server error")
}

fn gateway_page(_: &Poll) -> Reply {
    wire::page(502)
}

/// Asks for no pause: how those are kept is another test's business.
fn busy(poll: &Poll) -> Reply {
    errors::refusal(poll, 429, "Too many requests").header("retry-after", "0")
}

/// The finish of MurmurHash3: neighbours draw nothing alike.
fn drawn(number: u32, count: u32) -> u32 {
    let mut hash = number.wrapping_mul(0x9e37_79b9).wrapping_add(count);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

//! Lanes shared beyond this realm: how those are asked who decide.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Math;

use super::error::Error;
use crate::core::batch::Endpoint;
use crate::core::error::{Code, Failure};
use crate::web::LocalFuture;
use crate::web::timer::Timer;
use crate::web::{clock, task};

/// Beyond the realm no gap is shorter: word needs time to get around.
const LEAST_GAP_MS: f64 = 200.0;

/// A lane is asked for again no sooner and no later.
const SHORTEST_WAIT_MS: f64 = 10.0;
const LONGEST_WAIT_MS: f64 = 60_000.0;

/// Why no request is sent in a slot.
pub(crate) const GRANTED_TOO_LATE: &str = "The slot was granted too late.";

/// Where clients of several pages, workers or machines agree on one lane.
///
/// ```
/// use std::cell::Cell;
///
/// use extracta_wasm::{Client, Error, LocalFuture, Member, SharedPacing};
///
/// /// One lane, closed until a moment. A real one keeps it where all can reach it: in a Durable Object, say.
/// #[derive(Default)]
/// struct Lane {
///     closed_until_ms: Cell<f64>,
/// }
///
/// impl SharedPacing for Lane {
///     fn reserve<'a>(&'a self, _: &'a Member, gap_ms: f64) -> LocalFuture<'a, Result<f64, Error>> {
///         Box::pin(async move {
///             let wait_ms = self.closed_until_ms.get() - now_ms();
///             if wait_ms > 0.0 {
///                 return Ok(wait_ms);
///             }
///             self.closed_until_ms.set(now_ms() + gap_ms);
///             Ok(0.0)
///         })
///     }
///
///     fn hold<'a>(&'a self, _: &'a Member, closed_for_ms: f64, _margin_ms: f64) -> LocalFuture<'a, ()> {
///         Box::pin(async move {
///             self.closed_until_ms.set(self.closed_until_ms.get().max(now_ms() + closed_for_ms));
///         })
///     }
/// }
/// # fn now_ms() -> f64 { 0.0 }
///
/// # fn main() -> Result<(), Error> {
/// let client = Client::builder().shared_pacing(Lane::default()).build()?;
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub trait SharedPacing {
    /// Asks for the next slot of a lane: 0 if it is the waiter's from now on, else the milliseconds after which to ask again.
    /// Granting closes the lane for `gap_ms`.
    fn reserve<'a>(&'a self, member: &'a Member, gap_ms: f64) -> LocalFuture<'a, Result<f64, Error>>;

    /// Keeps the lane closed for everybody for so many milliseconds from now at the least; and `margin_ms` longer, unless the same
    /// member holds it anew before: its request is under way, and should nobody be left to end it, it may still arrive. A failure
    /// is nobody's: the lane is only kept for less long.
    fn hold<'a>(&'a self, member: &'a Member, closed_for_ms: f64, margin_ms: f64) -> LocalFuture<'a, ()>;
}

/// Who asks, and for which lane.
#[derive(Clone, Debug)]
pub struct Member {
    /// Names endpoint and account without giving the token away.
    pub lane: String,
    /// Random: one for each page, worker or process.
    pub id: Rc<str>,
}

thread_local! {
    static MEMBER: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
}

impl Member {
    fn new(endpoint: Endpoint, key: f64) -> Self {
        let id = MEMBER.with_borrow_mut(|id| id.get_or_insert_with(|| digits(Math::random() * 9e15).into()).clone());
        Self { lane: [endpoint.path(), " ", &digits(key)].concat(), id }
    }
}

/// A whole number in base 36.
fn digits(number: f64) -> String {
    let mut rest = number as u64;
    let mut digits = Vec::new();
    loop {
        let digit = (rest % 36) as u8;
        digits.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
        rest /= 36;
        if rest == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// A lane, and who decides for it.
#[derive(Clone)]
pub(crate) struct SharedSlots {
    pacing: Rc<dyn SharedPacing>,
    member: Rc<Member>,
    /// By the wall clock, which goes on while the machine sleeps.
    requested_at: Cell<f64>,
    /// Whether a slot was granted too late before.
    was_late: Cell<bool>,
}

impl SharedSlots {
    pub(crate) fn new(pacing: Rc<dyn SharedPacing>, endpoint: Endpoint, key: f64) -> Self {
        Self {
            pacing,
            member: Rc::new(Member::new(endpoint, key)),
            requested_at: Cell::default(),
            was_late: Cell::default(),
        }
    }

    /// Asks for the next slot: 0, or how long to wait. One that was granted is of no use half a gap later: until the gap is
    /// over the request must be on its way, and word of that there. Once that is the fault of a thread that stood still: another is
    /// asked for.
    pub(crate) async fn reserve(&self, gap_ms: f64) -> Result<f64, Error> {
        let gap_ms = gap_ms.max(LEAST_GAP_MS);
        self.requested_at.set(clock::wall_now());
        let wait_ms = self.pacing.reserve(&self.member, gap_ms).await?;
        if wait_ms > 0.0 && wait_ms.is_finite() {
            return Ok(wait_ms.clamp(SHORTEST_WAIT_MS, LONGEST_WAIT_MS));
        }
        let detail = if wait_ms != 0.0 {
            "Neither 0 nor a number of milliseconds."
        } else if !self.is_late(gap_ms) {
            return Ok(0.0);
        } else if !self.was_late.replace(true) {
            return Ok(SHORTEST_WAIT_MS);
        } else {
            GRANTED_TOO_LATE
        };
        Err(Failure { detail: Some(detail.into()), ..Failure::new(Code::Network) }.into())
    }

    /// Whether the slot that was asked for last is of no use any more.
    pub(crate) fn is_late(&self, gap_ms: f64) -> bool {
        clock::wall_now() - self.requested_at.get() > gap_ms.max(LEAST_GAP_MS) / 2.0
    }

    /// Keeps the lane closed for everybody while a request is under way, for `longest_ms` at the most as nobody may be left to
    /// end it; for a gap from its answer, or for a gap and `margin_ms` from the moment when it is given up.
    pub(crate) fn hold(&self, gap_ms: f64, margin_ms: f64, longest_ms: f64) -> Hold {
        let (slots, gap_ms) = (self.clone(), gap_ms.max(LEAST_GAP_MS));
        let until = clock::now() + longest_ms;
        // Should nobody be left to renew it, it was last renewed up to half a gap before the request can have been cut off.
        let unattended_ms = margin_ms + gap_ms / 2.0;
        let renewing = task::spawn(Box::pin(async move {
            while clock::now() < until {
                slots.pacing.hold(&slots.member, gap_ms, unattended_ms).await;
                Timer::new(clock::now() + gap_ms / 2.0).await;
            }
        }));
        Hold { slots: self.clone(), gap_ms, margin_ms, _renewing: renewing }
    }

    /// Keeps the lane closed for everybody for so long.
    pub(crate) fn pause(&self, closed_for_ms: f64) {
        self.close(closed_for_ms, 0.0);
    }

    fn close(&self, closed_for_ms: f64, margin_ms: f64) {
        let (pacing, member) = (self.pacing.clone(), self.member.clone());
        let closed_for_ms = closed_for_ms.max(LEAST_GAP_MS);
        task::spawn_detached(Box::pin(async move { pacing.hold(&member, closed_for_ms, margin_ms).await }));
    }
}

/// A lane that is kept closed, until some time after this is dropped.
pub(crate) struct Hold {
    slots: SharedSlots,
    gap_ms: f64,
    /// For how much longer, as the request may still arrive.
    margin_ms: f64,
    _renewing: task::Handle,
}

impl Hold {
    /// The request's answer came, or it failed: it does not arrive any more.
    pub(crate) fn end(mut self) {
        self.margin_ms = 0.0;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.slots.close(self.gap_ms, self.margin_ms);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_base_36_as_javascript_does() {
        for (number, text) in [(0.0, "0"), (35.0, "z"), (36.0, "10"), (9_007_199_254_740_991.0, "2gosa7pa2gv")] {
            assert_eq!(digits(number), text);
        }
    }
}

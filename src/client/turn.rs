//! Waiting until a call's next request is due and it is its turn on the lane.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task;

use super::call::Call;
use super::error::platform_cause;
use super::place::Place;
use super::token::fresh_token;
use super::waiter::{Failed, Outcome};
use crate::core::error::{Code, Failure};
use crate::core::lane::Turn;
use crate::web::clock;
use crate::web::timer::{Timer, within};
use crate::web::visibility::{PROBE_MS, is_offline};

/// What came of waiting for a turn.
pub(super) enum Waited {
    /// The slot is taken: the request is to start now.
    HasTurn(Place),
    /// What came of another's request that started at this moment.
    Answered(f64, Outcome),
    /// Word came that the batch may be finished.
    Nudged,
    /// The moment to give up came.
    Lapsed,
    /// There is no token, or those who share the lane gave neither a slot nor a time to wait.
    Refused(Failed),
}

/// Waits until the next request is due and it is its turn on the lane.
pub(super) async fn wait_for_turn(call: &Rc<Call>, renew_token: bool) -> Waited {
    let mut place: Option<Place> = None;
    let mut probe_at = None;
    loop {
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let now = clock::now();
        call.mind_clock(now);
        if let Some((started_at, outcome)) = place.as_ref().and_then(Place::take_outcome) {
            return Waited::Answered(started_at, outcome);
        }
        let wish = call.wish();
        let mut until = wish.due_at;
        let probe_at = *probe_at.get_or_insert(now.max(until) + PROBE_MS);
        if until <= now && now < probe_at && is_offline() {
            until = probe_at;
        }
        let session = call.session();
        if session.is_away() && session.known_lane(call.endpoint()).is_some_and(|lane| lane.is_paced()) {
            until = f64::INFINITY;
        }
        if now >= wish.give_up_at {
            return Waited::Lapsed;
        }
        if until <= now {
            if place.is_none() {
                let token = match call.session().config.functions().token.clone() {
                    None => None,
                    Some(provider) => {
                        let answer_by = (now + call.request_timeout_ms()).min(wish.give_up_at);
                        match Box::pin(fresh_token(call.endpoint(), &*provider, renew_token, answer_by)).await {
                            Ok(token) => Some(token),
                            Err(failed) => return Waited::Refused(failed),
                        }
                    }
                };
                place = Some(Place::new(call, token, clock::now()));
            }
            match place.as_mut().map(|place| place.ask(call, wish, clock::now())) {
                None => {}
                Some(Turn::AskAgain { at, .. }) => until = at,
                Some(Turn::Go) => {
                    let Some(mut ours) = place.take() else { continue };
                    if ours.shared.is_none() {
                        return Waited::HasTurn(ours);
                    }
                    let answer_by = (now + call.request_timeout_ms()).min(wish.give_up_at);
                    match Box::pin(granted(call, &ours, answer_by)).await {
                        Ok(0.0) => return Waited::HasTurn(ours),
                        Ok(wait_ms) => {
                            ours.give_back(wait_ms);
                            place = Some(ours);
                            continue;
                        }
                        Err(failed) => return Waited::Refused(failed),
                    }
                }
            }
        }
        // The moment from which it is urgent may come before the turn does.
        if wish.urgent_from > now {
            until = until.min(wish.urgent_from);
        }
        if sleep(call, until.min(wish.give_up_at)).await {
            return Waited::Nudged;
        }
    }
}

/// Sleeps until `until`, or until there is reason to look again. Whether it was nudged.
async fn sleep(call: &Call, until: f64) -> bool {
    let control = call.control();
    let mut timer = pin!(Timer::new(until));
    let mut is_new = true;
    std::future::poll_fn(|context: &mut task::Context<'_>| {
        if control.was_nudged() {
            return task::Poll::Ready(true);
        }
        let timer = timer.as_mut().poll(context).map(|()| false);
        if timer.is_pending() && is_new {
            call.session().attend();
        }
        // Whatever woke it is a reason to look again.
        if std::mem::take(&mut is_new) { timer } else { task::Poll::Ready(false) }
    })
    .await
}

/// Asks those who share the lane for the slot: 0, or how long to wait for another.
async fn granted(call: &Call, place: &Place, answer_by: f64) -> Result<f64, Failed> {
    let Some(shared) = &place.shared else { return Ok(0.0) };
    let mut limit = Timer::new(answer_by);
    let reserving: Pin<Box<dyn Future<Output = _>>> = Box::pin(shared.reserve(place.gap_ms()));
    let cause = match within(&mut limit, reserving).await {
        Some(Ok(wait_ms)) => return Ok(wait_ms),
        Some(Err(error)) => {
            let (failure, value) = error.into_parts();
            let complaint = value.unwrap_or_else(|| js_sys::Error::new(&failure.message()).into());
            Some(platform_cause(&complaint, &call.secrets(place.token.as_deref())))
        }
        None => None,
    };
    let detail = Some("sharePacing returned neither a slot nor a time to wait. Check its reserve function.".into());
    let failure = Failure { detail, endpoint: Some(call.endpoint()), ..Failure::new(Code::Network) };
    Err((failure.into(), cause))
}

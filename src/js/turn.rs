//! Waiting for the lane's turn. Every request, whatever it is for, goes through here.

use std::cell::Cell;

use super::call::Woken;
use super::clock;
use super::error::{Stop, platform_cause};
use super::lanes::SharedLane;
use super::pacing::{Name, shared_gap_ms};
use super::poll::Run;
use super::presence;
use super::token::{Token, ask};
use crate::error::{Code, Failure};
use crate::lane::{Claim, Turn};
use crate::poll::Wish;

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// What came of a wish.
pub(crate) enum Granted {
    /// The turn: start the request now.
    Turn(Place),
    /// The turn did not come in time.
    Lapsed,
    /// Word came from outside while waiting.
    Nudged,
    /// Those who share the lane could not be asked.
    Unheard(Stop, Place),
}

/// An answer to a reservation is of use for no longer than this, in gaps: by then the request and word of it must be on their
/// way, as the slot closes the lane for one gap.
const LATEST_ANSWER_GAPS: f64 = 0.5;

/// A lane's others are asked again no sooner and no later than this.
const ASK_AGAIN_MS: (f64, f64) = (10.0, 60_000.0);

/// A place in a lane's queue, then its slot. However a call ends, the lane learns of it.
pub(crate) struct Place {
    pub(crate) lane: SharedLane,
    pub(crate) token: Option<String>,
    ticket: u32,
    /// When its request started; infinite until then.
    pub(crate) started_at: f64,
    /// Until when a slot is reserved for it while others are asked; 0 where none is.
    reserved_until: f64,
    /// What others than this realm know the lane by, where there are others.
    name: Option<Name>,
}

impl Place {
    fn ask(&mut self, run: &Run, wish: Wish, now: f64) -> Turn {
        let claim = Claim { urgent_from: wish.urgent_from, ..run.claim(self.ticket, wish.due_at) };
        let turn = self.lane.with(|lane| {
            let turn = lane.reserve(claim, run.request_timeout_ms(), now);
            if turn == Turn::Go {
                self.reserved_until = lane.spacing.busy_until();
            } else {
                lane.log.note(&run.job.batch_id, turn, now);
            }
            turn
        });
        if turn == Turn::Go && self.name.is_none() {
            self.start(run, now);
        }
        turn
    }

    fn start(&mut self, run: &Run, now: f64) {
        (self.started_at, self.reserved_until) = (now, 0.0);
        self.lane.with(|lane| {
            lane.start(run.request_timeout_ms(), now);
            lane.log.note(&run.job.batch_id, Turn::Go, now);
        });
    }

    /// No request starts in the slot: others have the lane for so long.
    fn give_back(&mut self, closed_for_ms: f64, now: f64) {
        let reserved_until = std::mem::take(&mut self.reserved_until);
        self.lane.with(|lane| lane.spacing.give_back(reserved_until, closed_for_ms, now));
    }

    /// The gap that others keep to.
    pub(crate) fn shared_gap_ms(&self) -> f64 {
        shared_gap_ms(self.lane.with(|lane| lane.spacing.gap_ms()))
    }

    /// Keeps the lane closed for others than this realm, where there are others.
    pub(crate) fn hold(&self, run: &Run, closed_for_ms: f64) {
        if let (Some(pacing), Some(name)) = (&run.session.config.pacing, self.name) {
            pacing.hold(name, closed_for_ms);
        }
    }

    /// Takes in what the others said to a reservation that was `took_ms` on its way: whether the slot is ours.
    fn heard(&mut self, run: &Run, answer: Woken, took_ms: f64) -> Result<bool, Stop> {
        let now = clock::now();
        let mut cause = None;
        match answer {
            Woken::Settled(Ok(answer)) => match answer.as_f64() {
                Some(0.0) if took_ms <= self.shared_gap_ms() * LATEST_ANSWER_GAPS => {
                    self.start(run, now);
                    return Ok(true);
                }
                Some(wait_ms) if wait_ms > 0.0 && wait_ms.is_finite() => {
                    let (least, most) = ASK_AGAIN_MS;
                    self.give_back(wait_ms.clamp(least, most), now);
                    return Ok(false);
                }
                _ => {}
            },
            Woken::Settled(Err(error)) => cause = Some(platform_cause(&error, self.token.as_deref())),
            Woken::Time | Woken::Nudged => {}
        }
        let detail = Some("sharePacing.reserve() failed, took too long or gave no milliseconds. Check what it asks.".into());
        let endpoint = Some(run.job.endpoint);
        Err(Stop::Failed(Box::new(Failure { endpoint, detail, ..Failure::new(Code::Network) }), cause))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lane.with(|lane| {
            if self.started_at.is_finite() {
                lane.spacing.ended(self.started_at, clock::now());
            } else if self.reserved_until > 0.0 {
                // Nobody knows whether the others granted it, so it counts as used.
                lane.spacing.give_back(self.reserved_until, lane.spacing.gap_ms(), clock::now());
            } else {
                lane.queue.leave(self.ticket);
            }
        });
    }
}

/// Waits until the request is due, gets its token (a new one where a provider must renew it), and waits for its turn on the
/// token's lane.
pub(crate) async fn turn(run: &Run, renew_token: bool) -> Result<Granted, Stop> {
    let (session, call) = (&run.session, &run.call);
    // Until then, being offline is reason enough to wait.
    let probe_at = clock::now().max(run.wish().due_at) + presence::PROBE_MS;
    let mut place = None;
    loop {
        call.check()?;
        run.notice_sleep();
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let (now, wish) = (clock::now(), run.wish());
        let mut until = wish.due_at;
        if until <= now && now < probe_at && presence::is_offline() {
            until = probe_at;
        }
        if until <= now {
            if place.is_none() {
                let token = match &session.config.token {
                    Token::Provider(provider) => Some(ask(provider, run, renew_token).await?),
                    at_hand => at_hand.at_hand().flatten().map(String::from),
                };
                let lane = session.lane(run.job.endpoint, token.as_deref());
                let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
                lane.with(|lane| lane.spacing.stay_closed(run.closed_until - now, now));
                let shared = session.config.pacing.as_ref();
                let name = shared.map(|_| session.lane_name(run.job.endpoint, token.as_deref()));
                place = Some(Place { lane, token, ticket, started_at: f64::INFINITY, reserved_until: 0.0, name });
                continue;
            }
            let Some(asking) = &mut place else { continue };
            if let Turn::AskAgain { at, .. } = asking.ask(run, wish, now) {
                until = at;
            } else {
                let mut unheard = None;
                if let (Some(pacing), Some(name)) = (&session.config.pacing, asking.name) {
                    let asked_at = clock::wall_now();
                    let answer = pacing.reserve(name, asking.shared_gap_ms());
                    let answer_by = (now + run.request_timeout_ms()).min(wish.give_up_at);
                    let answer = call.settled(answer, answer_by).await?;
                    // By both clocks: the one may stand still while the machine sleeps, the other be set.
                    let took_ms = (clock::now() - now).max(clock::wall_now() - asked_at);
                    match asking.heard(run, answer, took_ms) {
                        Ok(true) => {}
                        Ok(false) => continue,
                        Err(stop) => unheard = Some(stop),
                    }
                }
                return Ok(place.map_or(Granted::Lapsed, |place| match unheard {
                    Some(stop) => Granted::Unheard(stop, place),
                    None => Granted::Turn(place),
                }));
            }
        }
        if now >= wish.give_up_at {
            return Ok(Granted::Lapsed);
        }
        // The moment from which it is urgent may come before the turn does.
        if wish.urgent_from > now {
            until = until.min(wish.urgent_from);
        }
        if let Woken::Nudged = call.sleep(until.min(wish.give_up_at)).await? {
            return Ok(Granted::Nudged);
        }
    }
}

//! A place in a lane's queue, then its slot. However a call ends, the lane learns of it.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Math;

use super::call::Call;
use super::lanes::SharedLane;
use super::shared_pacing::SharedSlots;
use super::waiter::{Outcome, Stage, Waiter, Waiting};
use crate::core::held::wait_s;
use crate::core::lane::{Claim, LOOK_AGAIN_MS, Lane, Turn, Wait};
use crate::core::poll::Wish;
use crate::web::clock;

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// A place in line for the slots of a lane.
pub(crate) struct Place {
    pub(crate) lane: SharedLane,
    /// That a provider gave.
    pub(crate) token: Option<Rc<str>>,
    /// Of a lane shared beyond this realm.
    pub(crate) shared: Option<SharedSlots>,
    waiter: Rc<Waiter>,
    ticket: u32,
    state: State,
    /// Until when its slot is reserved, or when its request started.
    at: f64,
    request_timeout_ms: f64,
    /// Whether its visitors were charged for its request.
    is_charged: bool,
}

/// What became of a place. Beside its moment and not around it: thousands may wait, and this takes less room.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Reserved,
    Started,
    /// The request is one of several, through a proxy that does the spacing.
    Paced,
    Over,
}

impl Place {
    /// The next in line for the slots of `token`'s lane.
    pub(crate) fn new(call: &Rc<Call>, token: Option<Rc<str>>, now: f64) -> Self {
        let lane = call.session().lane(call.endpoint(), token.as_deref());
        let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
        let pacing = call.session().config.functions().shared_pacing.clone();
        let shared = pacing.map(|pacing| SharedSlots::new(pacing, call.endpoint(), lane.key()));
        if call.closed_until > now {
            lane.with(|lane| lane.spacing.stay_closed(call.closed_until - now, now));
        }
        let waiter = Waiter::new(call.clone(), ticket, now);
        lane.waiters().add(&waiter);
        let request_timeout_ms = call.request_timeout_ms();
        Self {
            lane,
            token,
            shared,
            waiter,
            ticket,
            state: State::Waiting,
            at: 0.0,
            request_timeout_ms,
            is_charged: false,
        }
    }

    /// What came of another's request that asked the same while this waited, and when that request started.
    pub(crate) fn take_outcome(&self) -> Option<(f64, Outcome)> {
        self.waiter.take_outcome()
    }

    /// The answer came: it is also that of those who wait for the same request. Their visitors are charged for it.
    pub(crate) fn share(&mut self, call: &Call, outcome: &Outcome) {
        self.is_charged = true;
        let visitors = self.lane.waiters().answer(call.request_key(), self.at, outcome);
        self.lane.with(|lane| lane.charge(&visitors, call.visitor, self.at, clock::now()));
    }

    /// Asks for its turn. On `Go` the slot is taken: for the request that starts now, or while others are asked who share it.
    pub(crate) fn ask(&mut self, call: &Call, wish: Wish, now: f64) -> Turn {
        let claim = Claim { urgent_from: wish.urgent_from, ..call.claim(self.ticket, wish.due_at) };
        let is_shared = self.shared.is_some();
        let waits_for_equal = self.lane.waiters().has_equal_under_way(&self.waiter);
        let (turn, is_paced) = self.lane.with(|lane| {
            lane.spacing.require_floor(call.session().config.floor_ms);
            let is_paced = lane.spacing.is_paced();
            if waits_for_equal && is_paced {
                lane.queue.leave(self.ticket);
                return (Turn::AskAgain { at: now + LOOK_AGAIN_MS, why: Wait::InFlight }, is_paced);
            }
            let turn = lane.reserve(claim, call.request_timeout_ms(), now);
            match turn {
                Turn::Go if is_paced => (self.state, self.at) = (State::Paced, started(lane, call, now)),
                Turn::Go if is_shared => (self.state, self.at) = (State::Reserved, lane.spacing.busy_until()),
                Turn::Go => (self.state, self.at) = (State::Started, started(lane, call, now)),
                Turn::AskAgain { .. } => lane.log.note(&call.batch.batch_id, turn, now),
            }
            (turn, is_paced)
        });
        if is_paced {
            call.is_paced_on(&self.lane);
            self.make_room(call, waits_for_equal, now);
        }
        turn
    }

    /// Others may be under way beside this one, or this one in place of another.
    fn make_room(&mut self, call: &Call, waits_for_equal: bool, now: f64) {
        if self.state == State::Paced {
            // The proxy keeps the account's lane, for whoever shares it here too.
            self.shared = None;
            self.waiter.start(now);
        } else if !waits_for_equal {
            let is_full = self.lane.with(|lane| lane.spacing.closed_by(now)) == Some(Wait::InFlight);
            if is_full && !self.may_be_held(call) {
                self.lane.waiters().call_off_one();
            }
            return;
        }
        self.lane.wake_next();
    }

    fn may_be_held(&self, call: &Call) -> bool {
        call.knows_state() && !self.lane.waiters().are_many()
    }

    /// For how many seconds the request, which may take `limit_ms`, is to be held until there is something new, if at all.
    pub(crate) fn hold_s(&self, call: &Call, limit_ms: f64) -> Option<u32> {
        if self.state != State::Paced || !self.may_be_held(call) {
            return None;
        }
        let hold_s = wait_s(limit_ms, Math::random())?;
        self.waiter.enter(Stage::Held);
        Some(hold_s)
    }

    /// Whether its request was one of several through a proxy.
    pub(crate) fn was_paced(&self) -> bool {
        !self.waiter.is_at(Stage::Waits)
    }

    /// Where the request is one of several through a proxy: whether it is to end before its answer.
    pub(crate) fn called_off(&self) -> impl Fn(&Call) -> bool + use<> {
        let (waiter, is_paced) = (self.waiter.clone(), self.state == State::Paced);
        move |call| waiter.is_at(Stage::CalledOff) || (is_paced && call.session().is_away())
    }

    /// The request starts, in the slot that was reserved for it. When it did.
    pub(crate) fn start(&mut self, call: &Call) -> f64 {
        if self.state == State::Reserved {
            let at = self.lane.with(|lane| started(lane, call, clock::now()));
            (self.state, self.at) = (State::Started, at);
        }
        self.at
    }

    /// The request came to its end: `learn` gives the lane what there is to learn from it.
    pub(crate) fn end(&mut self, now: f64, learn: impl FnOnce(&mut Lane)) {
        let state = std::mem::replace(&mut self.state, State::Over);
        self.lane.with(|lane| {
            learn(lane);
            if state != State::Paced {
                lane.spacing.ended(self.at, now);
            }
        });
        if state == State::Paced {
            self.land();
        }
    }

    fn land(&self) {
        self.lane.with(|lane| lane.landed(self.at, self.request_timeout_ms));
    }

    /// The least time between two requests of its lane.
    pub(crate) fn gap_ms(&self) -> f64 {
        self.lane.with(|lane| lane.spacing.gap_ms())
    }

    /// How much longer than its gap the lane is to be closed by a request that was given up and may still arrive.
    pub(crate) fn margin_ms(&self) -> f64 {
        self.lane.with(|lane| lane.spacing.margin_ms())
    }

    /// No request starts in the slot: the lane is others' for so long.
    pub(crate) fn give_back(&mut self, closed_for_ms: f64) {
        self.state = State::Waiting;
        self.lane.with(|lane| lane.spacing.give_back(self.at, closed_for_ms, clock::now()));
    }
}

/// A request of `call` starts, now.
fn started(lane: &mut Lane, call: &Call, now: f64) -> f64 {
    lane.start(call.visitor, call.request_timeout_ms(), now);
    lane.log.note(&call.batch.batch_id, Turn::Go, now);
    now
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lane.waiters().remove(&self.waiter);
        match self.state {
            State::Waiting => self.lane.with(|lane| lane.queue.leave(self.ticket)),
            // Nobody knows whether the others granted it, so it counts as used.
            State::Reserved => self.give_back(self.gap_ms()),
            State::Started => self.lane.with(|lane| {
                let now = clock::now();
                lane.spacing.given_up(self.at, now);
                if !self.is_charged {
                    lane.charge(&[], self.waiter.visitor(), self.at, now);
                }
            }),
            State::Paced => {
                self.land();
                self.state = State::Over;
            }
            State::Over => {}
        }
        if self.was_paced() {
            self.lane.waiters().wake_equals(&self.waiter);
        }
        if self.state == State::Over {
            self.lane.wake_next();
        }
    }
}

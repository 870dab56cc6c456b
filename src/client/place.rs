//! A place in a lane's queue, then its slot. However a call ends, the lane learns of it.

use std::cell::Cell;
use std::rc::Rc;

use super::asker::{Asker, Outcome, Waiting};
use super::call::Call;
use super::lanes::SharedLane;
use super::shared_pacing::SharedSlots;
use crate::core::lane::{Claim, Lane, Turn};
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
    asker: Rc<Asker>,
    ticket: u32,
    state: State,
    /// Until when its slot is reserved, or when its request started.
    at: f64,
}

/// What became of a place. Beside its moment and not around it: thousands may wait, and this takes less room.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Reserved,
    Started,
    Over,
}

impl Place {
    /// The next in line for the slots of `token`'s lane.
    pub(crate) fn new(call: &Rc<Call>, token: Option<Rc<str>>, now: f64) -> Self {
        let lane = call.session().lane(call.endpoint(), token.as_deref());
        let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
        let pacing = call.session().config.shared_pacing.clone();
        let shared = pacing.map(|pacing| SharedSlots::new(pacing, call.endpoint(), lane.key()));
        if call.closed_until > now {
            lane.with(|lane| lane.spacing.stay_closed(call.closed_until - now, now));
        }
        let asker = Asker::new(call.clone(), now);
        lane.askers().add(&asker);
        Self { lane, token, shared, asker, ticket, state: State::Waiting, at: 0.0 }
    }

    /// What came of another's request that asked the same while this waited, and when that request started.
    pub(crate) fn take_outcome(&self) -> Option<(f64, Outcome)> {
        self.asker.take_outcome()
    }

    /// The answer came: it is also that of those who wait with the same question. Their visitors are charged for it.
    pub(crate) fn share(&self, call: &Call, outcome: &Outcome) {
        let visitors = self.lane.askers().answer(call.asked(), self.at, outcome);
        self.lane.with(|lane| lane.charge(&visitors, call.visitor, self.at, clock::now()));
    }

    /// Asks for its turn. On `Go` the slot is taken: for the request that starts now, or while others are asked who share it.
    pub(crate) fn ask(&mut self, call: &Call, wish: Wish, now: f64) -> Turn {
        let claim = Claim { urgent_from: wish.urgent_from, ..call.claim(self.ticket, wish.due_at) };
        let is_shared = self.shared.is_some();
        self.lane.with(|lane| {
            lane.spacing.require_floor(call.session().config.floor_ms);
            let turn = lane.reserve(claim, call.request_timeout_ms(), now);
            match turn {
                Turn::Go if is_shared => (self.state, self.at) = (State::Reserved, lane.spacing.busy_until()),
                Turn::Go => (self.state, self.at) = (State::Started, started(lane, call, now)),
                Turn::AskAgain { .. } => lane.log.note(&call.batch.batch_id, turn, now),
            }
            turn
        })
    }

    /// The request starts, in the slot that was reserved for it. When it did.
    pub(crate) fn start(&mut self, call: &Call) -> f64 {
        if self.state == State::Reserved {
            let at = self.lane.with(|lane| started(lane, call, clock::now()));
            (self.state, self.at) = (State::Started, at);
        }
        self.at
    }

    /// The request came to its end: `learn` tells the lane what there is to learn from it.
    pub(crate) fn end(&mut self, now: f64, learn: impl FnOnce(&mut Lane)) {
        self.state = State::Over;
        self.lane.with(|lane| {
            learn(lane);
            lane.spacing.ended(self.at, now);
        });
    }

    /// The least time between two requests of its lane.
    pub(crate) fn gap_ms(&self) -> f64 {
        self.lane.with(|lane| lane.spacing.gap_ms())
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
        self.lane.askers().remove(&self.asker);
        match self.state {
            State::Waiting => self.lane.with(|lane| lane.queue.leave(self.ticket)),
            // Nobody knows whether the others granted it, so it counts as used.
            State::Reserved => self.give_back(self.gap_ms()),
            State::Started => self.lane.with(|lane| {
                let now = clock::now();
                lane.spacing.given_up(self.at, now);
                lane.charge(&[], self.asker.visitor(), self.at, now);
            }),
            State::Over => {}
        }
    }
}

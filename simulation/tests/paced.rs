//! A lane behind a proxy that does the spacing: several requests are under way, each for long, and who waits hears of the end of one,
//! or, where nobody can tell it, looks again.

// A test may stop at the first surprise, in its helpers too.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use extracta_wasm::core::lane::{Claim, LOOK_AGAIN_MS, Lane, MOST_UNDER_WAY, Turn};
use extracta_wasm::core::poll::{Effect, Event, Plan, Poll};
use extracta_wasm::core::response::Outcome;
use proptest::prelude::*;

const TIMEOUT_MS: f64 = 30_000.0;
const INTERVAL_MS: f64 = 2_000.0;

/// What each place in line waits for the ones before it.
const GRACE_MS: f64 = 50.0;

/// How one request ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    News,
    NothingNew(Option<f64>),
    CalledOff,
    /// Its owner is gone without a word.
    Vanishes,
}

#[derive(Clone, Debug)]
struct Batch {
    begins_at: f64,
    /// For how long its requests are under way, and how they end; the poll is done after the last.
    requests: Vec<(f64, End)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Sleeps,
    Queued,
    UnderWay(f64),
    Over,
}

struct Waiter {
    batch: Batch,
    poll: Option<Poll>,
    state: State,
    ticket: u32,
    due_at: f64,
    /// When it does something next.
    at: f64,
    sent: usize,
    is_done: bool,
}

struct World {
    lane: Lane,
    waiters: Vec<Waiter>,
    /// Whether word that a request has ended reaches who waits.
    are_notified: bool,
    tickets: u32,
    now: f64,
    /// Since when there was room, and somebody to use it.
    idle_since: Option<f64>,
    longest_idle_ms: f64,
    most_under_way: usize,
}

impl World {
    fn new(batches: &[Batch], are_notified: bool) -> Self {
        let mut lane = Lane::default();
        lane.spacing.require_floor(INTERVAL_MS);
        lane.spacing.pace(true, 0.0);
        let waiter = |batch: &Batch| Waiter {
            batch: batch.clone(),
            poll: None,
            state: State::Sleeps,
            ticket: 0,
            due_at: batch.begins_at,
            at: batch.begins_at,
            sent: 0,
            is_done: false,
        };
        let waiters = batches.iter().map(waiter).collect();
        Self {
            lane,
            waiters,
            are_notified,
            tickets: 0,
            now: 0.0,
            idle_since: None,
            longest_idle_ms: 0.0,
            most_under_way: 0,
        }
    }

    fn run(mut self) -> Self {
        for _ in 0..200_000 {
            let open = (0..self.waiters.len()).filter(|index| self.waiters[*index].state != State::Over);
            let Some(next) = open.min_by(|one, other| self.waiters[*one].at.total_cmp(&self.waiters[*other].at)) else {
                return self;
            };
            let at = self.waiters[next].at.max(self.now);
            if at > self.now {
                self.look_whether_idle();
            }
            self.now = at;
            match self.waiters[next].state {
                State::Sleeps | State::Queued => self.ask(next),
                State::UnderWay(started_at) => self.end(next, started_at),
                State::Over => {}
            }
        }
        panic!("it goes on for ever");
    }

    fn look_whether_idle(&mut self) {
        let wants = |waiter: &Waiter| waiter.state == State::Queued && waiter.due_at <= self.now;
        let is_idle = self.lane.spacing.opens_at(self.now) <= self.now && self.waiters.iter().any(wants);
        match self.idle_since {
            Some(since) if !is_idle => {
                self.longest_idle_ms = self.longest_idle_ms.max(self.now - since);
                self.idle_since = None;
            }
            None if is_idle => self.idle_since = Some(self.now),
            _ => {}
        }
    }

    fn tell_next(&mut self) {
        if let Some(ticket) = self.lane.next_up(self.now).filter(|_| self.are_notified)
            && let Some(waiter) = self.waiters.iter_mut().find(|waiter| waiter.ticket == ticket)
        {
            waiter.at = self.now;
        }
    }

    fn ask(&mut self, index: usize) {
        let now = self.now;
        let waiter = &mut self.waiters[index];
        if waiter.poll.is_none() {
            let plan = Plan {
                interval_ms: INTERVAL_MS,
                floor_ms: INTERVAL_MS,
                timeout_ms: f64::INFINITY,
                initial_delay_ms: 0.0,
                max_retries: 5,
                request_timeout_ms: TIMEOUT_MS,
                once: false,
            };
            waiter.poll = Some(Poll::new(plan, now).0);
        }
        if waiter.state == State::Sleeps {
            self.tickets += 1;
            waiter.ticket = self.tickets;
            waiter.state = State::Queued;
        }
        let waiting_since = waiter.poll.as_ref().unwrap().waiting_since();
        match self.lane.ask(Claim::new(waiter.ticket, waiter.due_at, waiting_since), TIMEOUT_MS, now) {
            Turn::AskAgain { at, .. } => {
                assert!(at > now);
                waiter.at = at;
            }
            Turn::Go => {
                waiter.poll.as_mut().unwrap().sent(now);
                waiter.state = State::UnderWay(now);
                waiter.at = now + waiter.batch.requests[waiter.sent].0;
                waiter.sent += 1;
                let under_way = self.waiters.iter().filter(|waiter| matches!(waiter.state, State::UnderWay(_))).count();
                self.most_under_way = self.most_under_way.max(under_way);
                self.tell_next();
            }
        }
    }

    fn end(&mut self, index: usize, started_at: f64) {
        let now = self.now;
        let waiter = &mut self.waiters[index];
        let (_, end) = waiter.batch.requests[waiter.sent - 1];
        if end == End::Vanishes {
            waiter.state = State::Over;
            return;
        }
        self.lane.landed(started_at, TIMEOUT_MS);
        let is_last = waiter.sent == waiter.batch.requests.len();
        let poll = waiter.poll.as_mut().unwrap();
        let attempts = poll.attempts();
        let effect = poll.step(
            match end {
                _ if is_last => Event::Read(Outcome::Done),
                End::News => Event::Read(Outcome::Waiting),
                End::NothingNew(retry_after_ms) => Event::NothingNew { retry_after_ms },
                End::CalledOff | End::Vanishes => Event::CalledOff,
            },
            now,
        );
        assert_eq!(poll.attempts(), if is_last || end == End::News { attempts } else { attempts - 1 });
        match effect {
            Effect::Poll { due_at, .. } => {
                if let End::NothingNew(Some(retry_after_ms)) = end {
                    assert!(due_at >= now + retry_after_ms);
                }
                (waiter.state, waiter.due_at, waiter.at) = (State::Sleeps, due_at, due_at);
            }
            Effect::Finish => (waiter.state, waiter.is_done) = (State::Over, true),
            Effect::Fail(failure) => panic!("{failure:?}"),
        }
        self.tell_next();
    }
}

fn any_end() -> impl Strategy<Value = End> {
    prop_oneof![
        3 => Just(End::News),
        3 => Just(End::NothingNew(None)),
        1 => (0.0..9_000.0_f64).prop_map(|ms| End::NothingNew(Some(ms))),
        2 => Just(End::CalledOff),
    ]
}

fn any_batch(vanishes: bool) -> impl Strategy<Value = Batch> {
    let requests = prop::collection::vec((prop_oneof![1.0..300.0_f64, 1.0..22_000.0_f64], any_end()), 1..8);
    (0.0..20_000.0_f64, requests, any::<prop::sample::Index>()).prop_map(move |(begins_at, mut requests, which)| {
        if vanishes {
            let which = which.index(requests.len());
            requests[which].1 = End::Vanishes;
        }
        Batch { begins_at, requests }
    })
}

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    prop::collection::vec(prop_oneof![8 => any_batch(false), 1 => any_batch(true)], 1..14)
}

fn check(batches: &[Batch], are_notified: bool) -> Result<(), TestCaseError> {
    let world = World::new(batches, are_notified).run();
    for waiter in &world.waiters {
        let vanishes = waiter.batch.requests.iter().any(|(_, end)| *end == End::Vanishes);
        prop_assert!(waiter.is_done || vanishes, "{:?}", waiter.batch);
    }
    prop_assert!(world.most_under_way <= MOST_UNDER_WAY, "{} under way", world.most_under_way);
    let all = batches.len() as f64;
    let longest_ms = if are_notified { GRACE_MS * all } else { LOOK_AGAIN_MS + GRACE_MS * all };
    // One whose owner vanished is given up by the clock alone, of which nobody tells.
    let vanish = batches.iter().any(|batch| batch.requests.iter().any(|(_, end)| *end == End::Vanishes));
    let longest_ms = if vanish { LOOK_AGAIN_MS + GRACE_MS * all } else { longest_ms };
    prop_assert!(world.longest_idle_ms <= longest_ms, "idle for {} ms", world.longest_idle_ms);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn everyone_is_served_four_are_under_way_at_the_most_and_room_is_used(batches in batches()) {
        check(&batches, true)?;
    }

    #[test]
    fn the_same_where_nobody_can_be_notified(batches in batches()) {
        check(&batches, false)?;
    }

    #[test]
    fn when_the_proxy_is_gone_the_floor_holds_from_then_on(
        under_way in 0..=MOST_UNDER_WAY,
        gone_after_ms in 0.0..20_000.0_f64,
        lasts_ms in prop::collection::vec(1.0..3_000.0_f64, 2..12),
    ) {
        let mut lane = Lane::default();
        lane.spacing.require_floor(INTERVAL_MS);
        lane.spacing.pace(true, 0.0);
        for ticket in 0..under_way as u32 {
            prop_assert_eq!(lane.ask(Claim::new(ticket, 0.0, 0.0), TIMEOUT_MS, 0.0), Turn::Go);
        }
        let mut now = gone_after_ms;
        lane.spacing.pace(false, now);
        let mut free_at = now + INTERVAL_MS;
        for (ticket, lasts_ms) in (100..).zip(lasts_ms) {
            while let Turn::AskAgain { at, .. } = lane.ask(Claim::new(ticket, 0.0, 0.0), TIMEOUT_MS, now) {
                prop_assert!(at > now);
                now = at;
            }
            prop_assert!(now >= free_at, "{} before {}", now, free_at);
            let started_at = now;
            now += lasts_ms;
            lane.spacing.answered(started_at, now);
            lane.spacing.ended(started_at, now);
            // Late word of those under way before changes nothing.
            lane.landed(0.0, TIMEOUT_MS);
            free_at = now + INTERVAL_MS;
        }
    }
}

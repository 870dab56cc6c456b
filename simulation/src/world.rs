//! The run: a heap of alarms, and what each of them sets off.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use extracta_wasm::error::{Code, Failure};
use extracta_wasm::lane::{Lane, Turn};
use extracta_wasm::poll::{Effect, Event, Poll};
use extracta_wasm::reply::Outcome;

use crate::script::{Answer, Leaves, Restart, Scenario, Stall};
use crate::trace::{End, Request, Trace};
use crate::waiter::{State, Waiter, Wish};

/// Some moment of the wall clock.
const WALL_AT_START: f64 = 1.7e12;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    /// The waiter's timer, or its answer.
    Waiter {
        index: usize,
        alarm: u64,
    },
    Nudge(usize),
    Leave(usize),
    Restart,
}

/// A moment that compares: whole nanoseconds would do, but the bits of a positive number sort as it does.
type Moment = u64;

struct World {
    waiters: Vec<Waiter>,
    lanes: Vec<Lane>,
    floor_ms: f64,
    stalls: Vec<Stall>,
    restart: Option<Restart>,
    alarms: BinaryHeap<Reverse<(Moment, u64, Alarm)>>,
    /// Alarms so far: those of one moment go off in the order they were set.
    set: u64,
    tickets: u32,
    /// When this process began, by the clocks laid end to end.
    epoch: f64,
    down_ms: f64,
    requests: Vec<Request>,
}

/// Runs a scenario to its end.
pub fn run(scenario: &Scenario) -> Trace {
    let mut world = World::new(scenario);
    while let Some(Reverse((moment, _, alarm))) = world.alarms.pop() {
        let at = f64::from_bits(moment);
        if at > scenario.end_ms {
            break;
        }
        world.goes_off(alarm, at);
    }
    let lives = world.waiters.into_iter().map(|waiter| waiter.life).collect();
    Trace { requests: world.requests, lives, lanes: world.lanes }
}

impl World {
    fn new(scenario: &Scenario) -> Self {
        let mut world = Self {
            waiters: scenario
                .scripts
                .iter()
                .cloned()
                .zip(0..)
                .map(|(script, seed)| Waiter::new(script, seed))
                .collect(),
            lanes: Vec::new(),
            floor_ms: scenario.floor_ms,
            stalls: scenario.stalls.clone(),
            restart: scenario.restart,
            alarms: BinaryHeap::new(),
            set: 0,
            tickets: 0,
            epoch: 0.0,
            down_ms: 0.0,
            requests: Vec::new(),
        };
        world.lanes = (0..scenario.lanes).map(|_| world.fresh_lane()).collect();
        for (index, script) in scenario.scripts.iter().enumerate() {
            world.set(script.begins_at, Alarm::Waiter { index, alarm: 0 });
            for nudge in &script.nudges {
                world.set(*nudge, Alarm::Nudge(index));
            }
            if let Leaves::Aborts(at) | Leaves::Vanishes(at) = script.leaves {
                world.set(at, Alarm::Leave(index));
            }
        }
        if let Some(restart) = scenario.restart {
            world.set(restart.at, Alarm::Restart);
        }
        world
    }

    fn fresh_lane(&self) -> Lane {
        let mut lane = Lane::default();
        lane.spacing.require_floor(self.floor_ms);
        lane
    }

    /// Nothing runs during a stall: what falls into one comes at its end.
    fn set(&mut self, at: f64, alarm: Alarm) {
        let mut at = at.max(0.0);
        for stall in self.stalls.iter().filter(|stall| !stall.clock_stops) {
            if (stall.at..stall.at + stall.lasts_ms).contains(&at) {
                at = stall.at + stall.lasts_ms;
            }
        }
        self.set += 1;
        self.alarms.push(Reverse((at.to_bits(), self.set, alarm)));
    }

    fn wake(&mut self, index: usize, at: f64) {
        self.waiters[index].alarm += 1;
        let alarm = self.waiters[index].alarm;
        self.set(at, Alarm::Waiter { index, alarm });
    }

    /// Timers count whole milliseconds, and may be late.
    fn sleep(&mut self, index: usize, until: f64, at: f64) {
        let left_ms = (until - self.clock(at)).max(0.0).ceil();
        let late_ms = if left_ms > 0.0 { self.waiters[index].script.late_ms } else { 0.0 };
        if std::mem::take(&mut self.waiters[index].nudged) {
            self.nudge(index, at);
        } else {
            self.wake(index, at + left_ms + late_ms);
        }
    }

    /// What this process's monotonic clock says.
    fn clock(&self, at: f64) -> f64 {
        at - self.epoch
    }

    fn true_time(&self, at: f64) -> f64 {
        let slept_ms: f64 =
            self.stalls.iter().filter(|stall| stall.clock_stops && stall.at <= at).map(|stall| stall.lasts_ms).sum();
        at + slept_ms + self.down_ms
    }

    fn wall(&self, at: f64) -> f64 {
        let back_ms = if self.epoch > 0.0 { self.restart.map_or(0.0, |restart| restart.wall_back_ms) } else { 0.0 };
        WALL_AT_START + self.true_time(at) - back_ms
    }

    fn goes_off(&mut self, alarm: Alarm, at: f64) {
        match alarm {
            Alarm::Waiter { index, alarm } if self.waiters[index].alarm == alarm => self.step(index, at),
            Alarm::Waiter { .. } => {}
            Alarm::Nudge(index) => match self.waiters[index].state {
                State::Sleeping | State::Queued => self.nudge(index, at),
                State::Sent { .. } => self.waiters[index].nudged = true,
                State::Unborn | State::Ended => {}
            },
            Alarm::Leave(index) => self.leave(index, at),
            Alarm::Restart => self.begin_anew(at),
        }
    }

    fn step(&mut self, index: usize, at: f64) {
        let now = self.clock(at);
        match self.waiters[index].state {
            State::Unborn => {
                let (poll, effect) = Poll::new(self.waiters[index].script.plan, now);
                self.waiters[index].poll = Some(poll);
                self.act(index, effect, at);
            }
            State::Sleeping | State::Queued => self.ask(index, at),
            State::Sent { request, until, answered } => self.hear(index, request, until, answered, at),
            State::Ended => {}
        }
    }

    fn act(&mut self, index: usize, effect: Effect, at: f64) {
        self.keep(index, at);
        let (end, wish) = match effect {
            Effect::Poll { due_at, urgent_from, give_up_at } => (None, Wish { due_at, urgent_from, give_up_at }),
            Effect::Finish => (Some(End::Finished), Wish::default()),
            Effect::Fail(failure) => (Some(End::Failed(failure.code)), Wish::default()),
        };
        let waiter = &mut self.waiters[index];
        waiter.wish = wish;
        if let Some(end) = end {
            self.end(index, end, at);
        } else {
            waiter.state = State::Sleeping;
            waiter.ticket = self.tickets;
            self.tickets += 1;
            self.sleep(index, wish.due_at.min(wish.give_up_at), at);
        }
    }

    fn end(&mut self, index: usize, end: End, at: f64) {
        let waiter = &mut self.waiters[index];
        waiter.state = State::Ended;
        waiter.alarm += 1;
        waiter.life.end = end;
        waiter.life.ended_at = at;
    }

    fn tell(&mut self, index: usize, event: Event, at: f64) {
        let now = self.clock(at);
        if let Some(poll) = &mut self.waiters[index].poll {
            let effect = poll.step(event, now);
            self.act(index, effect, at);
        }
    }

    fn nudge(&mut self, index: usize, at: f64) {
        let (lane, ticket) = (self.waiters[index].script.lane, self.waiters[index].ticket);
        self.lanes[lane].queue.leave(ticket);
        self.tell(index, Event::Nudged, at);
    }

    fn ask(&mut self, index: usize, at: f64) {
        let now = self.clock(at);
        let waiter = &mut self.waiters[index];
        let request_timeout_ms = waiter.script.plan.request_timeout_ms;
        let (wish, lane) = (waiter.wish, &mut self.lanes[waiter.script.lane]);
        let claim = match &waiter.poll {
            Some(poll) => waiter.claim(poll),
            None => return,
        };
        waiter.state = State::Queued;
        waiter.life.asks += 1;
        match lane.ask(claim, request_timeout_ms, now) {
            Turn::AskAgain { .. } if now >= wish.give_up_at => {
                lane.queue.leave(waiter.ticket);
                self.tell(index, Event::Lapsed, at);
            }
            Turn::AskAgain { at: again_at, .. } => {
                assert!(again_at > now, "asks again without end at {now}");
                let until = if wish.urgent_from > now { again_at.min(wish.urgent_from) } else { again_at };
                self.sleep(index, until.min(wish.give_up_at), at);
            }
            Turn::Go => self.send(index, at),
        }
    }

    fn send(&mut self, index: usize, at: f64) {
        let (now, truly) = (self.clock(at), self.true_time(at));
        let waiter = &mut self.waiters[index];
        let Some(poll) = &mut waiter.poll else { return };
        let until = now + poll.sent(now);
        waiter.life.polls += 1;
        waiter.state = State::Sent { request: self.requests.len(), until, answered: false };
        self.requests.push(Request {
            waiter: index,
            lane: waiter.script.lane,
            started_at: at,
            truly_started_at: truly,
            arrived_at: None,
            answered_at: None,
            pause_ms: 0.0,
        });
        let headers_at = now + waiter.script.there_ms + waiter.script.back_ms;
        let lost = waiter.script.answer(waiter.life.polls - 1) == Answer::Lost;
        let wakes_at = if lost { until } else { headers_at.min(until) };
        self.keep(index, at);
        self.wake(index, wakes_at + self.epoch);
    }

    /// The headers, the end of the body, or the end of patience. What is cut off before it arrived never arrives.
    fn hear(&mut self, index: usize, request: usize, until: f64, answered: bool, at: f64) {
        let now = self.clock(at);
        let waiter = &mut self.waiters[index];
        let script = &waiter.script;
        let lane = &mut self.lanes[script.lane];
        let answer = script.answer(waiter.life.polls.saturating_sub(1));
        let sent = &mut self.requests[request];
        let (sent_at, arrived_at) = (sent.started_at - self.epoch, sent.started_at + script.there_ms);
        if arrived_at <= at {
            sent.arrived_at = Some(sent.truly_started_at + script.there_ms);
        }
        let headers_at = arrived_at + script.back_ms;
        let timed_out = now >= until && (answered || at < headers_at || answer == Answer::Lost);
        if !timed_out && !answered {
            sent.answered_at = Some(at);
            lane.spacing.answered(sent_at, now);
        }
        let failure = match answer {
            _ if timed_out => Some(Failure::new(Code::RequestTimeout)),
            Answer::Refused(retry_after_ms) => Some(Failure { retry_after_ms, ..Failure::new(Code::RateLimited) }),
            Answer::Trouble(retry_after_ms) => Some(Failure { retry_after_ms, ..Failure::new(Code::Server) }),
            Answer::Broken => Some(Failure::new(Code::Network)),
            Answer::NotJson if answered => Some(Failure::new(Code::NotJson)),
            _ => None,
        };
        if failure.is_none() && !answered {
            let read_at = now + script.body_ms;
            waiter.state = State::Sent { request, until, answered: true };
            self.keep(index, at);
            return self.wake(index, read_at.min(until.max(now)) + self.epoch);
        }
        if let Some(failure) = failure {
            if failure.code == Code::RateLimited {
                sent.pause_ms = lane.spacing.refused(failure.retry_after_ms, now);
            }
            lane.spacing.ended(sent_at, now);
            let event = Event::Failed { failure: failure.into(), jitter: waiter.jitter.share() };
            return self.tell(index, event, at);
        }
        let finished = arrived_at >= script.begins_at + script.lasts_ms && answer == Answer::State;
        if let Some(poll) = &waiter.poll {
            lane.heard(&waiter.claim(poll), finished, now);
        }
        lane.spacing.accepted();
        lane.spacing.ended(sent_at, now);
        if script.shows_files {
            waiter.finished_files = script.finished_files(arrived_at);
        }
        let outcome = match (finished, answer) {
            (true, _) => Outcome::Done,
            (_, Answer::UnknownStatus) => Outcome::UnknownStatus,
            _ => Outcome::Waiting,
        };
        self.tell(index, Event::Read(outcome), at);
    }

    fn leave(&mut self, index: usize, at: f64) {
        let now = self.clock(at);
        let waiter = &self.waiters[index];
        if waiter.state == State::Ended {
            return;
        }
        let (script, lane) = (&waiter.script, &mut self.lanes[waiter.script.lane]);
        if let State::Sent { request, .. } = waiter.state {
            let sent = &mut self.requests[request];
            if sent.started_at + script.there_ms <= at {
                sent.arrived_at = Some(sent.truly_started_at + script.there_ms);
            }
        }
        if let Leaves::Aborts(_) = script.leaves {
            match waiter.state {
                State::Queued => lane.queue.leave(waiter.ticket),
                State::Sent { request, .. } => lane.spacing.ended(self.requests[request].started_at - self.epoch, now),
                State::Unborn | State::Sleeping | State::Ended => {}
            }
        }
        self.keep(index, at);
        self.end(index, End::Left, at);
    }

    /// Writes down what another process would need.
    fn keep(&mut self, index: usize, at: f64) {
        if self.restart.is_none() {
            return;
        }
        let (now, wall) = (self.clock(at), self.wall(at));
        let waiter = &mut self.waiters[index];
        let closed_for_ms = self.lanes[waiter.script.lane].spacing.closed_for_ms(now);
        if let Some(poll) = &waiter.poll {
            waiter.saved = Some(poll.save(closed_for_ms, now, wall));
        }
    }

    /// The process ends, and the next one takes up what was kept.
    fn begin_anew(&mut self, at: f64) {
        let Some(restart) = self.restart else { return };
        for waiter in &self.waiters {
            // What was on its way arrives, heard by nobody.
            if let State::Sent { request, .. } = waiter.state {
                let sent = &mut self.requests[request];
                sent.arrived_at = Some(sent.truly_started_at + waiter.script.there_ms);
            }
        }
        self.epoch = at;
        self.down_ms = restart.down_ms;
        self.lanes = (0..self.lanes.len()).map(|_| self.fresh_lane()).collect();
        let (now, wall) = (self.clock(at), self.wall(at));
        for index in 0..self.waiters.len() {
            let waiter = &mut self.waiters[index];
            let Some(saved) = waiter.saved.take() else { continue };
            self.lanes[waiter.script.lane].spacing.stay_closed(saved.closed_for_ms(wall), now);
            if waiter.state == State::Ended {
                continue;
            }
            let (poll, effect) = Poll::restore(saved, now, wall);
            waiter.poll = Some(poll);
            self.act(index, effect, at);
        }
    }
}

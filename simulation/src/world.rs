//! The run: a heap of alarms, and what each of them sets off.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use extracta_wasm::core::lane::Lane;
use extracta_wasm::core::poll::Poll;

use crate::script::{Leaves, Restart, Scenario, Stall};
use crate::trace::{Request, Trace};
use crate::waiter::{State, Waiter};

mod steps;

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

/// A moment that compares: the bits of a positive number sort as the number does.
type Moment = u64;

struct World {
    waiters: Vec<Waiter>,
    lanes: Vec<Lane>,
    floor_ms: f64,
    stalls: Vec<Stall>,
    restart: Option<Restart>,
    outage: Option<(f64, f64)>,
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
            outage: scenario.outage,
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
            // What was on its way arrives, received by nobody.
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

//! One waiter's next step, as the shell takes it.

use extracta_wasm::core::error::{Code, Failure};
use extracta_wasm::core::lane::Turn;
use extracta_wasm::core::poll::{Effect, Event, Poll};
use extracta_wasm::core::response::Outcome;

use super::World;
use crate::script::{Answer, Leaves};
use crate::trace::{End, Request};
use crate::waiter::{State, Wish};

impl World {
    pub(super) fn step(&mut self, index: usize, at: f64) {
        let now = self.clock(at);
        match self.waiters[index].state {
            State::Unborn => {
                let (poll, effect) = Poll::new(self.waiters[index].script.plan, now);
                self.waiters[index].poll = Some(poll);
                self.act(index, effect, at);
            }
            State::Sleeping | State::Queued => self.ask(index, at),
            State::Sent { request, until, answered } => self.take_in(index, request, until, answered, at),
            State::Ended => {}
        }
    }

    pub(super) fn act(&mut self, index: usize, effect: Effect, at: f64) {
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

    fn handle(&mut self, index: usize, event: Event, at: f64) {
        let now = self.clock(at);
        if let Some(poll) = &mut self.waiters[index].poll {
            let effect = poll.step(event, now);
            self.act(index, effect, at);
        }
    }

    pub(super) fn nudge(&mut self, index: usize, at: f64) {
        let (lane, ticket) = (self.waiters[index].script.lane, self.waiters[index].ticket);
        self.lanes[lane].queue.leave(ticket);
        self.handle(index, Event::Nudged, at);
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
        if now >= wish.give_up_at {
            lane.queue.leave(waiter.ticket);
            return self.handle(index, Event::Lapsed, at);
        }
        match lane.ask(claim, request_timeout_ms, now) {
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
    fn take_in(&mut self, index: usize, request: usize, until: f64, answered: bool, at: f64) {
        let now = self.clock(at);
        let waiter = &mut self.waiters[index];
        let script = &waiter.script;
        let lane = &mut self.lanes[script.lane];
        let sent = &mut self.requests[request];
        let (sent_at, arrived_at) = (sent.started_at - self.epoch, sent.started_at + script.there_ms);
        let answer = match self.outage {
            Some((from, until)) if (from..until).contains(&arrived_at) => Answer::Trouble(None),
            _ => script.answer(waiter.life.polls.saturating_sub(1)),
        };
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
            return self.handle(index, event, at);
        }
        let finished = arrived_at >= script.begins_at + script.lasts_ms && answer == Answer::State;
        if let Some(poll) = &waiter.poll {
            lane.replied(&waiter.claim(poll), finished, now);
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
        self.handle(index, Event::Read(outcome), at);
    }

    pub(super) fn leave(&mut self, index: usize, at: f64) {
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
}

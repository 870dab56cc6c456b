//! What others do with the same slots, and what nobody could do better.

use crate::batches::Batch;
use crate::ours::{BACK_MS, BODY_MS, GAP_MS, THERE_MS};

/// A way to choose the batch to ask for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Policy {
    /// One batch after the other, each until it is finished.
    Serial,
    /// A loop for each batch that sleeps 2 s after each answer, all behind a first-come, first-served limiter.
    NaiveLoops,
    /// The batch that has been without a reply for longest.
    RoundRobin,
    /// A loop for each batch that sleeps 2 s, then 1.5 times as long each time up to 30 s, behind the same limiter.
    Backoff,
    /// Knows when each batch finishes, asks for finished ones only, the first to finish first. As every request takes a slot
    /// whoever it is for, no order of the finished has a smaller mean, and this one has the smallest maximum.
    Clairvoyant,
}

struct Loop {
    batch: Batch,
    replied_at: f64,
    ready_at: f64,
    pause_ms: f64,
}

impl Policy {
    /// The delay of each batch's notification.
    pub(crate) fn delays(self, batches: &[Batch]) -> Vec<f64> {
        let mut live: Vec<Loop> = batches
            .iter()
            .map(|batch| Loop {
                batch: *batch,
                replied_at: batch.begins_at,
                ready_at: batch.begins_at,
                pause_ms: 2_000.0,
            })
            .collect();
        let (mut delays, mut opens_at) = (Vec::with_capacity(batches.len()), 0.0_f64);
        while !live.is_empty() {
            let (chosen, at) = self.choose(&live, opens_at);
            let answered_at = at + THERE_MS + BACK_MS;
            let reported_at = answered_at + BODY_MS;
            opens_at = answered_at + GAP_MS;
            let one = &mut live[chosen];
            if one.batch.finished_at() <= at + THERE_MS {
                delays.push(reported_at - one.batch.finished_at());
                live.remove(chosen);
                continue;
            }
            one.replied_at = reported_at;
            one.ready_at = match self {
                Policy::NaiveLoops | Policy::Backoff => reported_at + one.pause_ms,
                _ => at + 2_000.0,
            };
            if self == Policy::Backoff {
                one.pause_ms = (one.pause_ms * 1.5).min(30_000.0);
            }
        }
        delays
    }

    /// Which to ask for, and when: as soon as the lane is open and somebody wants to go.
    fn choose(self, live: &[Loop], opens_at: f64) -> (usize, f64) {
        let first_by = |key: &dyn Fn(&Loop) -> f64, among: &dyn Fn(&Loop) -> bool| {
            (0..live.len())
                .filter(|at| among(&live[*at]))
                .min_by(|one, other| key(&live[*one]).total_cmp(&key(&live[*other])))
        };
        let wanted_from = |one: &Loop| match self {
            Policy::Clairvoyant => one.batch.finished_at() - THERE_MS,
            _ => one.ready_at,
        };
        let everyone = |_: &Loop| true;
        let soonest =
            if self == Policy::Serial { Some(0) } else { first_by(&wanted_from, &everyone) }.unwrap_or_default();
        let at = opens_at.max(wanted_from(&live[soonest]));
        let chosen = match self {
            Policy::RoundRobin => first_by(&|one| one.replied_at, &|one| one.ready_at <= at).unwrap_or(soonest),
            _ => soonest,
        };
        (chosen, at)
    }
}

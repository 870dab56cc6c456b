//! What a lane did and why, so that it can explain itself: whoever asks why a batch was not asked for sooner reads it here.

use super::turn::Turn;

/// So many decisions are kept.
const KEPT: usize = 50;

/// What happened on a lane, as far as this copy of the package took part.
#[derive(Clone, Debug)]
pub struct Log {
    /// Requests started.
    pub requests: u32,
    /// Those answered with 429.
    pub refusals: u32,
    /// The least time from one start to the next, those of other copies included; infinite before there were two.
    pub smallest_gap_ms: f64,
    decisions: Vec<Decision>,
}

/// One answer to a waiter.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// When it was last given.
    pub at: f64,
    /// Whose waiter asked.
    pub batch_id: String,
    /// The answer.
    pub turn: Turn,
}

impl Default for Log {
    fn default() -> Self {
        Self { requests: 0, refusals: 0, smallest_gap_ms: f64::INFINITY, decisions: Vec::new() }
    }
}

impl Log {
    /// Keeps an answer. One given again for the same reason replaces the last.
    pub fn note(&mut self, batch_id: &str, turn: Turn, now: f64) {
        let same = |decision: &Decision| decision.batch_id == batch_id;
        if let Some(index) = self.decisions.iter().rposition(same)
            && self.decisions.get(index).is_some_and(|last| is_same_answer(last.turn, turn))
        {
            self.decisions.remove(index);
        } else if self.decisions.len() >= KEPT {
            self.decisions.remove(0);
        }
        self.decisions.push(Decision { at: now, batch_id: batch_id.into(), turn });
    }

    /// The last decisions, the oldest first.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(super) fn started(&mut self, gap_ms: f64) {
        self.requests += 1;
        self.smallest_gap_ms = self.smallest_gap_ms.min(gap_ms);
    }
}

fn is_same_answer(one: Turn, other: Turn) -> bool {
    match (one, other) {
        (Turn::AskAgain { why: one, .. }, Turn::AskAgain { why: other, .. }) => one.as_str() == other.as_str(),
        _ => false,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::turn::Wait;
    use super::*;

    fn waits(why: Wait) -> Turn {
        Turn::AskAgain { at: 9.0, why }
    }

    #[test]
    fn an_answer_given_again_is_kept_once_and_only_so_many_are_kept() {
        let mut log = Log::default();
        log.note("a", waits(Wait::Behind(7)), 1.0);
        log.note("b", waits(Wait::Spacing), 2.0);
        log.note("a", waits(Wait::Behind(3)), 3.0);
        log.note("a", Turn::Go, 4.0);
        log.note("a", Turn::Go, 6.0);
        let kept: Vec<_> = log.decisions().iter().map(|decision| (decision.at, decision.turn)).collect();
        let expected = [(2.0, waits(Wait::Spacing)), (3.0, waits(Wait::Behind(3))), (4.0, Turn::Go), (6.0, Turn::Go)];
        assert_eq!(kept, expected);
        for n in 0..200 {
            log.note(&n.to_string(), Turn::Go, 7.0);
        }
        assert_eq!(log.decisions().len(), KEPT);
        assert_eq!(log.decisions().first().map(|decision| decision.batch_id.as_str()), Some("150"));
    }
}

//! The real lane, driven as the shell drives it.

use simulation::any::{FLOOR_MS, steady};
use simulation::{End, Scenario, Script, Trace, run};

use crate::batches::Batch;

/// To the server.
pub(crate) const THERE_MS: f64 = 40.0;
/// From there to the headers.
pub(crate) const BACK_MS: f64 = 60.0;
/// From the headers to the end of the body.
pub(crate) const BODY_MS: f64 = 5.0;
/// From the headers to the next start.
pub(crate) const GAP_MS: f64 = FLOOR_MS + 1.0;

/// What the lane knows of the batches.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hints {
    /// Their sizes, times this.
    Times(f64),
    /// The sizes of every other one.
    ForHalf,
    /// Nothing.
    None,
    /// Their sizes, and in each reply which files are final. They finish one after the other.
    AndProgress,
}

impl Hints {
    fn script(self, nth: usize, batch: &Batch) -> Script {
        let expected_files = match self {
            Hints::Times(factor) => batch.files * factor,
            Hints::ForHalf => batch.files * (nth % 2) as f64,
            Hints::None => 0.0,
            Hints::AndProgress => batch.files,
        };
        Script {
            expected_files,
            files: batch.files,
            shows_files: self == Hints::AndProgress,
            there_ms: THERE_MS,
            back_ms: BACK_MS,
            body_ms: BODY_MS,
            plan: extracta_wasm::core::poll::Plan { timeout_ms: f64::INFINITY, ..simulation::any::PLAN },
            ..steady(batch.begins_at, batch.files, batch.lasts_ms)
        }
    }
}

/// The run of a load.
pub(crate) fn trace(batches: &[Batch], hints: Hints) -> Trace {
    let scripts = batches.iter().enumerate().map(|(nth, batch)| hints.script(nth, batch)).collect();
    run(&Scenario { scripts, lanes: 1, floor_ms: FLOOR_MS, end_ms: f64::INFINITY, ..Scenario::default() })
}

/// The delay of each batch's notification.
pub(crate) fn delays(batches: &[Batch], hints: Hints) -> Vec<f64> {
    let trace = trace(batches, hints);
    let known = trace.lives.iter().zip(batches);
    known
        .map(|(life, batch)| {
            assert_eq!(life.end, End::Finished);
            life.ended_at - batch.finished_at()
        })
        .collect()
}

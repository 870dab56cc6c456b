//! Delays of many runs, as figures.

use std::fmt;

use serde_json::{Value, json};

/// The delays of one policy under one load.
#[derive(Default)]
pub(crate) struct Delays {
    all: Vec<f64>,
    worst: Vec<f64>,
}

pub(crate) struct Figures {
    mean: f64,
    p95: f64,
    /// Of the runs' largest, the mean.
    max: f64,
}

impl Delays {
    pub(crate) fn add(&mut self, run: Vec<f64>) {
        self.worst.push(run.iter().copied().fold(0.0, f64::max));
        self.all.extend(run);
    }

    pub(crate) fn figures(mut self) -> Figures {
        self.all.sort_by(f64::total_cmp);
        let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
        let p95 = self.all[(self.all.len() * 95 / 100).min(self.all.len() - 1)];
        Figures { mean: mean(&self.all), p95, max: mean(&self.worst) }
    }
}

/// The head of a table.
pub(crate) fn head(load: &str, seeds: u64) -> String {
    format!(
        "\n{load}; {seeds} seeds\n{:34} {:>9} {:>7} {:>7} {:>7} {:>11}\n",
        "", "mean, s", "mean", "p95", "max", "gap closed"
    )
}

/// A row: the mean, then everything relative to round robin, then how much of the way from there to the clairvoyant is
/// covered.
pub(crate) struct Row {
    name: &'static str,
    mean_s: f64,
    mean: f64,
    p95: f64,
    max: f64,
    closed: f64,
}

impl Row {
    pub(crate) fn new(name: &'static str, own: &Figures, round_robin: &Figures, clairvoyant: &Figures) -> Row {
        Row {
            name,
            mean_s: own.mean / 1_000.0,
            mean: own.mean / round_robin.mean,
            p95: own.p95 / round_robin.p95,
            max: own.max / round_robin.max,
            closed: (round_robin.mean - own.mean) / (round_robin.mean - clairvoyant.mean),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let Row { name, mean_s, mean, p95, max, closed } = self;
        json!({ "name": name, "meanSeconds": mean_s, "mean": mean, "p95": p95, "max": max, "gapClosed": closed })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { name, mean_s, mean, p95, max, closed } = self;
        writeln!(f, "{name:34} {mean_s:9.2} {mean:7.3} {p95:7.3} {max:7.3} {:10.0}%", closed * 100.0)
    }
}

//! The batches of each scenario, drawn from a seed.

use simulation::random::Random;

/// A batch: when it begins, its size, and how long it takes.
#[derive(Clone, Copy)]
pub(crate) struct Batch {
    pub(crate) begins_at: f64,
    pub(crate) files: f64,
    pub(crate) lasts_ms: f64,
}

impl Batch {
    pub(crate) fn finished_at(&self) -> f64 {
        self.begins_at + self.lasts_ms
    }
}

/// How many files the batches have.
#[derive(Clone, Copy)]
pub(crate) enum Sizes {
    /// 1 to 20.
    Even,
    /// 70 % with 1 or 2, 30 % with 30 to 60.
    TinyOrBig,
    /// 10 each.
    Same,
}

/// How long they take.
#[derive(Clone, Copy)]
pub(crate) enum Durations {
    /// Lognormal around 6 s + 3 s per file, sigma 0.55.
    AsGuessed,
    /// Evenly within 20 % of 30 s + 1 s per file: unlike the client's guess in base, slope and spread.
    Unlike,
}

/// One scenario.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) batches: usize,
    pub(crate) sizes: Sizes,
    pub(crate) durations: Durations,
    /// Mean time from one arrival to the next; 0 where all begin at once.
    pub(crate) arrivals_ms: f64,
    pub(crate) seeds: u64,
}

const fn burst(name: &'static str, batches: usize, sizes: Sizes) -> Load {
    Load { name, batches, sizes, durations: Durations::AsGuessed, arrivals_ms: 0.0, seeds: 200 }
}

pub(crate) const LOADS: [Load; 11] = [
    burst("5 at once, 1-20 files", 5, Sizes::Even),
    burst("20 at once, 1-20 files", 20, Sizes::Even),
    burst("20 at once, 70 % tiny, 30 % big", 20, Sizes::TinyOrBig),
    Load { durations: Durations::Unlike, ..burst("20 at once, durations unlike the guess", 20, Sizes::Even) },
    burst("50 at once, 70 % tiny, 30 % big", 50, Sizes::TinyOrBig),
    Load { arrivals_ms: 6_000.0, ..burst("100 arriving every 6 s on average (Poisson)", 100, Sizes::Even) },
    burst("20 at once, identical", 20, Sizes::Same),
    burst("200 at once, 1-20 files", 200, Sizes::Even),
    burst("200 at once, 70 % tiny, 30 % big", 200, Sizes::TinyOrBig),
    burst("1000 at once, 1-20 files", 1_000, Sizes::Even),
    burst("1000 at once, 70 % tiny, 30 % big", 1_000, Sizes::TinyOrBig),
];

impl Load {
    /// The batches of a seed, in the order of their beginning.
    pub(crate) fn draw(&self, seed: u64) -> Vec<Batch> {
        let mut random = Random::new(seed * 7_919 + self.batches as u64);
        let mut begins_at = 0.0;
        let mut one = |_| {
            let files = match self.sizes {
                Sizes::Even => random.whole(1.0, 20.0),
                Sizes::TinyOrBig if random.share() < 0.7 => random.whole(1.0, 2.0),
                Sizes::TinyOrBig => random.whole(30.0, 60.0),
                Sizes::Same => 10.0,
            };
            if self.arrivals_ms > 0.0 {
                begins_at += random.exponential(self.arrivals_ms);
            }
            let lasts_ms = match self.durations {
                Durations::AsGuessed => (6_000.0 + 3_000.0 * files) * (0.55 * random.normal()).exp(),
                Durations::Unlike => (30_000.0 + 1_000.0 * files) * random.between(0.8, 1.2),
            };
            Batch { begins_at, files, lasts_ms }
        };
        (0..self.batches).map(&mut one).collect()
    }
}

//! How long batches take, as far as anyone can tell: a guess from the number of files, corrected by what the lane has seen.
//!
//! A guess is a median. Around it durations spread widely, with a long tail: the share that takes longer than `t` is
//! `1 / (1 + (t / median)³)`, the log-logistic law, which needs no more than a division. How far the guesses are off is the
//! same for all batches of a lane, so one factor is learned, as a belief over powers of two.

/// What a batch without files would take.
const BASE_MS: f64 = 6_000.0;

/// What each file adds.
const PER_FILE_MS: f64 = 3_000.0;

/// Among batches of known sizes, one of unknown size is taken for such.
const TYPICAL_FILES: f64 = 10.0;

/// More files than anyone sends: keeps the arithmetic finite.
const MOST_FILES: f64 = 1e6;

/// Guesses may be off by 2 to this power, either way.
const MOST_DOUBLINGS: usize = 5;

/// Before anything was seen, each doubling is so much less likely.
const DOUBT: f64 = 0.7;

/// No factor is ever ruled out for good, as the service may become faster or slower.
const LEAST_BELIEF: f64 = 1e-6;

/// What is believed about how long batches take.
#[derive(Clone, Debug)]
pub struct Forecast {
    beliefs: [f64; 2 * MOST_DOUBLINGS + 1],
    /// The mean of what is believed: by what the guesses are multiplied.
    factor: f64,
    has_learned: bool,
}

impl Default for Forecast {
    fn default() -> Self {
        let mut beliefs = [1.0; 2 * MOST_DOUBLINGS + 1];
        for (belief, power) in beliefs.iter_mut().zip(0..) {
            for _ in 0..MOST_DOUBLINGS.abs_diff(power) {
                *belief *= DOUBT;
            }
        }
        Self { beliefs, factor: 1.0, has_learned: false }
    }
}

impl Forecast {
    /// The median duration of a batch of so many files, as now believed.
    pub fn median_ms(&self, files: f64) -> f64 {
        self.factor * guess_ms(files)
    }

    /// What to take for the size of a batch of which none was given; 0 while nothing was learned of any.
    pub fn typical_files(&self) -> f64 {
        if self.has_learned { TYPICAL_FILES } else { 0.0 }
    }

    /// Learns from one answer: a batch that was not finished at `from_ms` after its beginning was, or was not, at `to_ms`.
    pub fn learn(&mut self, files: f64, from_ms: f64, to_ms: f64, finished: bool) {
        if !(files > 0.0 && from_ms >= 0.0 && to_ms > from_ms && to_ms.is_finite()) {
            return;
        }
        let guess_ms = guess_ms(files);
        let mut sum = 0.0;
        self.each(|factor, belief| {
            let still = lasting(to_ms / (factor * guess_ms)) / lasting(from_ms / (factor * guess_ms));
            *belief *= if finished { 1.0 - still } else { still };
            sum += *belief;
        });
        // Finished at once, by clocks too coarse to tell: every belief falls to nothing, and the floor evens them out.
        let sum = if sum > 0.0 { sum } else { 1.0 };
        let (mut total, mut mean) = (0.0, 0.0);
        self.each(|factor, belief| {
            *belief = (*belief / sum).max(LEAST_BELIEF);
            total += *belief;
            mean += factor * *belief;
        });
        self.factor = mean / total;
        self.has_learned = true;
    }

    fn each(&mut self, mut visit: impl FnMut(f64, &mut f64)) {
        let mut factor = 1.0 / f64::from(1_u32 << MOST_DOUBLINGS);
        for belief in &mut self.beliefs {
            visit(factor, belief);
            factor *= 2.0;
        }
    }
}

fn guess_ms(files: f64) -> f64 {
    BASE_MS + PER_FILE_MS * files.min(MOST_FILES)
}

/// The share of batches that take longer than so many medians.
pub fn lasting(medians: f64) -> f64 {
    1.0 / (1.0 + medians * medians * medians)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    /// Asks every two seconds after batches of five files that all take as long.
    fn after(durations_ms: f64, batches: u32) -> f64 {
        let mut forecast = Forecast::default();
        for _ in 0..batches {
            let mut from_ms = 0.0;
            while from_ms < durations_ms {
                forecast.learn(5.0, from_ms, from_ms + 2_000.0, from_ms + 2_000.0 >= durations_ms);
                from_ms += 2_000.0;
            }
        }
        forecast.median_ms(5.0)
    }

    #[test]
    fn at_first_the_guess_stands() {
        assert_eq!(Forecast::default().median_ms(4.0), 18_000.0);
    }

    #[test]
    fn a_few_batches_correct_a_guess_that_is_ten_times_off() {
        assert!((150_000.0..280_000.0).contains(&after(210_000.0, 5)), "{}", after(210_000.0, 5));
        assert!((1_400.0..3_500.0).contains(&after(2_100.0, 8)), "{}", after(2_100.0, 8));
    }

    #[test]
    fn what_was_learned_can_be_unlearned() {
        let mut forecast = Forecast::default();
        for _ in 0..1_000 {
            forecast.learn(5.0, 0.0, 2_000.0, true);
        }
        let fast = forecast.median_ms(5.0);
        for _ in 0..10 {
            forecast.learn(5.0, 0.0, 120_000.0, false);
        }
        assert!(fast < 2_000.0 && forecast.median_ms(5.0) > 100_000.0, "{fast} {}", forecast.median_ms(5.0));
    }

    #[test]
    fn nonsense_teaches_nothing() {
        let mut forecast = Forecast::default();
        for (files, from_ms, to_ms) in
            [(0.0, 0.0, 9.0), (f64::NAN, 0.0, 9.0), (1.0, 9.0, 9.0), (1.0, -1.0, f64::INFINITY)]
        {
            forecast.learn(files, from_ms, to_ms, true);
        }
        assert_eq!(forecast.median_ms(4.0), 18_000.0);
        forecast.learn(1.0, 0.0, f64::MIN_POSITIVE, true);
        assert!(forecast.median_ms(f64::INFINITY).is_finite());
    }
}

//! The random inputs: as bolero's own engine makes them, but the same ones for the same seed. In that engine
//! `BOLERO_RANDOM_SEED` repeats a single input, and all others are new each time.

use std::fmt::Debug;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bolero::generator::bolero_generator::driver::Options;
use bolero::{Engine, Test, TestTarget};
use bolero_engine::input::Bytes;
use bolero_engine::{panic, rng};
use simulation::random::Random;

/// How many it takes without `BOLERO_RANDOM_ITERATIONS`: some seconds' worth.
const INPUTS: u64 = 10_000;

/// The bytes of an input, at most. What wants more reads zeros, which are the first choice everywhere.
const LONGEST: f64 = 1_024.0;

/// An engine for bolero, which judges, shrinks and prints what fails.
#[derive(Debug)]
pub(crate) struct Seeded {
    /// How the command line calls what is run.
    target: &'static str,
    /// That of the first input; each next one follows from it.
    seed: u64,
    inputs: u64,
}

/// Takes the place of bolero's engine, with the seed and the number of inputs that its variables of the environment set;
/// by default with a new seed.
pub(crate) fn in_place_of<G, E, O>(_: TestTarget<G, E, O>, target: &'static str) -> Target {
    let rng::Options { seed, iterations, .. } = rng::Options::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TestTarget::new(Seeded {
        target,
        seed: seed.map_or(now.as_nanos() as u64, |seed| seed as u64),
        inputs: iterations.map_or(INPUTS, |inputs| inputs as u64),
    })
}

/// So many inputs, the same each time, to see of what kinds they are.
pub(crate) fn inputs(inputs: u64) -> Target {
    from(1, inputs)
}

fn from(seed: u64, inputs: u64) -> Target {
    TestTarget::new(Seeded { target: "none", seed, inputs })
}

type Target = TestTarget<bolero::ByteSliceGenerator, Seeded, bolero::BorrowedInput>;

impl<T: Test> Engine<T> for Seeded
where
    T::Value: Debug,
{
    type Output = ();

    fn run(self, mut test: T, options: Options) {
        let Self { target, mut seed, inputs } = self;
        let begun = Instant::now();
        // A failing input panics thousands of times while it is made small.
        panic::set_hook();
        panic::forward_panic(false);
        for _ in 0..inputs {
            let mut random = Random::new(seed);
            let bytes = random_bytes(&mut random);
            match test.test(&mut Bytes::new(&bytes, &options)) {
                Ok(is_input) => assert!(is_input, "{target}: no input is made of seed {seed}"),
                Err(error) => {
                    let small = test.shrink(bytes, Some(seed.into()), &options);
                    let report = small.map_or_else(|| error.to_string(), |failure| failure.to_string());
                    panic::forward_panic(true);
                    panic!("{report}To repeat it: cargo xtask fuzz --target {target} --seed {seed} --inputs 1");
                }
            }
            seed = random.bits();
        }
        panic::forward_panic(true);
        let seconds = begun.elapsed().as_secs_f64();
        println!("{target}: {inputs} inputs from seed {} on, {seconds:.1} s", self.seed);
    }
}

fn random_bytes(random: &mut Random) -> Vec<u8> {
    // Short ones more often: they are quick, and simple inputs are likely ones.
    let length = (LONGEST * random.share() * random.share()) as usize;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(random.bits().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use bolero::produce;

    use super::*;

    /// What a run of a property says that fails for a byte of 150 or more.
    fn failure(seed: u64, inputs: u64) -> String {
        let run = || {
            from(seed, inputs)
                .with_generator(produce::<Vec<u8>>())
                .for_each(|bytes: &Vec<u8>| assert!(bytes.iter().all(|byte| *byte < 150)));
        };
        *catch_unwind(run).expect_err("it fails").downcast::<String>().unwrap()
    }

    #[test]
    fn a_failing_input_is_made_small_and_comes_again_with_its_seed() {
        let first = failure(1, 1_000);
        assert!(first.contains("[\n    150,\n]"), "{first}");
        let seed = first.split_once("--seed ").and_then(|(_, rest)| rest.split_once(' ')).unwrap().0;
        assert_eq!(failure(seed.parse().unwrap(), 1), first);
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let made = |seed| {
            let mut made = Vec::new();
            from(seed, 100).with_generator(produce::<Vec<u8>>()).for_each(|bytes: &Vec<u8>| made.push(bytes.clone()));
            made
        };
        assert_eq!(made(5), made(5));
        assert_ne!(made(5), made(6));
    }
}

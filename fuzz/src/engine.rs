//! Runs a target over random inputs.

use std::cell::RefCell;
use std::fmt::Debug;
use std::hint::black_box;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

use simulation::random::Random;

use crate::pick::Bytes;
use crate::shrink::smallest;

/// The bytes of an input, at most. Where a target wants more, it has no more choices.
const LONGEST: f64 = 1_024.0;

/// What must hold of some of the core, whatever comes.
pub(crate) trait Property {
    /// How the command line calls it.
    const NAME: &'static str;
    /// What comes.
    type Input: Debug;
    /// Any input there is.
    fn any(bytes: &mut Bytes<'_>) -> Self::Input;
    /// Panics where something does not hold.
    fn holds(input: &Self::Input);
}

/// A property to run.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// How the command line calls it.
    pub name: &'static str,
    run: fn(&[u8]),
    show: fn(&[u8]) -> String,
}

/// An input for which something does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Failing {
    /// Which of the inputs it was, from 1.
    pub nth: u64,
    /// The smallest that fails, found from there.
    pub bytes: Vec<u8>,
    /// What does not hold.
    pub why: String,
}

impl Target {
    pub(crate) const fn of<P: Property>() -> Self {
        Self {
            name: P::NAME,
            run: |bytes| P::holds(&P::any(&mut Bytes::new(bytes))),
            show: |bytes| format!("{:#?}", P::any(&mut Bytes::new(bytes))),
        }
    }

    /// Runs so many inputs, the same for the same seed; gives the first that fails, made small.
    pub fn fuzz(&self, inputs: u64, seed: u64) -> Option<Failing> {
        let mut random = Random::new(seed);
        for nth in 1..=inputs {
            let bytes = random_bytes(&mut random);
            if self.failure(&bytes).is_some() {
                let bytes = smallest(&bytes, |bytes| self.failure(bytes).is_some());
                let why = self.failure(&bytes).unwrap_or_default();
                return Some(Failing { nth, bytes, why });
            }
        }
        None
    }

    /// Why these bytes fail, if they do.
    pub fn failure(&self, bytes: &[u8]) -> Option<String> {
        listen_to_panics();
        LAST_WORDS.set(Some(String::new()));
        let ended = catch_unwind(|| (self.run)(black_box(bytes)));
        let words = LAST_WORDS.take();
        ended.is_err().then(|| words.unwrap_or_default())
    }

    /// What these bytes stand for.
    pub fn show(&self, bytes: &[u8]) -> String {
        (self.show)(bytes)
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

thread_local! {
    /// What the panic of an input says; `None` while no input runs on this thread.
    static LAST_WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what the panics of inputs say, as making one small may take thousands, and leaves other panics as they are.
fn listen_to_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            LAST_WORDS.with_borrow_mut(|words| match words {
                Some(words) => *words = panic.to_string(),
                None => usual(panic),
            });
        }));
    });
}

/// So many random inputs, to see that they are of many kinds.
#[cfg(test)]
pub(crate) fn random_inputs<P: Property>(inputs: u32) -> impl Iterator<Item = P::Input> {
    let mut random = Random::new(1);
    (0..inputs).map(move |_| P::any(&mut Bytes::new(&random_bytes(&mut random))))
}

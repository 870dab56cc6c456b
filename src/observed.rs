//! What a poll saw, counted: the figures that make a timeout explainable.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// How often each outcome was seen, in the order of first sight. Outcomes are few, so a list does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed(Vec<(&'static str, u32)>);

impl Observed {
    /// Counts one more of `outcome`: an error code, or what a reply said.
    pub fn count(&mut self, outcome: &'static str) {
        match self.0.iter_mut().find(|(name, _)| *name == outcome) {
            Some((_, times)) => *times += 1,
            None => self.0.push((outcome, 1)),
        }
    }

    /// How often `outcome` was seen.
    pub fn times(&self, outcome: &str) -> u32 {
        self.0.iter().find(|(name, _)| *name == outcome).map_or(0, |(_, times)| *times)
    }
}

impl Serialize for Observed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Observed", self.0.len())?;
        for (outcome, times) in &self.0 {
            object.serialize_field(outcome, times)?;
        }
        object.end()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_by_name() {
        let mut observed = Observed::default();
        for outcome in ["waiting", "NETWORK", "waiting"] {
            observed.count(outcome);
        }
        assert_eq!((observed.times("waiting"), observed.times("NETWORK"), observed.times("partial")), (2, 1, 0));
        assert_eq!(serde_json::to_string(&observed).unwrap(), r#"{"waiting":2,"NETWORK":1}"#);
    }
}

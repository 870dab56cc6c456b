//! What a poll saw, counted: the figures that make a timeout explainable.

use crate::core::fields::Fields;

/// How often each outcome was seen, in the order of first sight. Outcomes are few, so a list does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed(Vec<(&'static str, u32)>);

impl Observed {
    /// Counts one more of `outcome`: an error code, or what a reply said.
    pub fn count(&mut self, outcome: &'static str) {
        match self.0.iter_mut().find(|(name, _)| *name == outcome) {
            Some((_, times)) => *times = times.saturating_add(1),
            None => self.0.push((outcome, 1)),
        }
    }

    /// How often `outcome` was seen.
    pub fn times(&self, outcome: &str) -> u32 {
        self.0.iter().find(|(name, _)| *name == outcome).map_or(0, |(_, times)| *times)
    }

    /// From kept counts, each of a name that a poll can have seen; 0 stands for those it did not.
    pub fn kept(counts: impl Iterator<Item = (&'static str, u32)>) -> Self {
        Self(counts.filter(|(_, times)| *times > 0).collect())
    }

    /// Whether nothing else was seen than what `is_such` accepts.
    pub fn is_only(&self, is_such: impl Fn(&str) -> bool) -> bool {
        self.0.iter().all(|(outcome, _)| is_such(outcome))
    }

    /// How often each was seen.
    pub fn fields(&self) -> Fields<'static> {
        let mut fields = Fields::default();
        for (outcome, times) in &self.0 {
            fields.number(outcome, *times);
        }
        fields
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
        assert_eq!(serde_json::to_string(&observed.fields()).unwrap(), r#"{"waiting":2.0,"NETWORK":1.0}"#);
    }

    #[test]
    fn kept_counts_come_back() {
        let mut observed = Observed::default();
        for outcome in ["waiting", "NETWORK", "waiting"] {
            observed.count(outcome);
        }
        let names = ["partial", "waiting", "NETWORK"];
        assert_eq!(Observed::kept(names.map(|name| (name, observed.times(name))).into_iter()), observed);
    }
}

//! The log of arrivals: what came, when by the server's monotonic clock, and what it was answered. Tests judge spacing by it.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use crate::{
    floor::Lane,
    standin::{Endpoint, TokenNumber},
};

/// Beyond this many entries the oldest are dropped.
const ENTRIES_KEPT: usize = 200_000;

/// One request to a results endpoint, as `GET /_standin/log` shows it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) endpoint: Endpoint,
    pub(crate) batch_id: Option<String>,
    pub(crate) file_id: Option<String>,
    /// `token-1`, `token-2` …: distinguishes tokens without showing one.
    #[serde(serialize_with = "label")]
    pub(crate) token_label: TokenNumber,
    /// Milliseconds since the server started.
    #[serde(serialize_with = "milliseconds")]
    pub(crate) arrived_ms: Duration,
    /// Absent until a status line is on its way, and for good when the script never sends one.
    pub(crate) http_status: Option<u16>,
    /// It arrived sooner than the floor allows.
    pub(crate) violation: bool,
}

/// What one endpoint saw, as `GET /_standin/gaps` shows it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gaps {
    count: usize,
    /// The smallest distance of two consecutive arrivals that shared a token; absent before the second.
    #[serde(serialize_with = "maybe_milliseconds")]
    smallest_gap_ms: Option<Duration>,
    violations: usize,
}

pub(crate) fn label<S: serde::Serializer>(token: &TokenNumber, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&format_args!("token-{token}"))
}

fn milliseconds<S: serde::Serializer>(time: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_f64(time.as_secs_f64() * 1000.0)
}

fn maybe_milliseconds<S: serde::Serializer>(time: &Option<Duration>, out: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => milliseconds(time, out),
        None => out.serialize_none(),
    }
}

/// Entries in the order of arrival.
#[derive(Default)]
pub(crate) struct Log {
    next: u64,
    entries: BTreeMap<u64, Entry>,
}

impl Log {
    /// Adds an entry and returns the number by which it can be completed.
    pub(crate) fn add(&mut self, entry: Entry) -> u64 {
        let number = self.next;
        self.next += 1;
        self.entries.insert(number, entry);
        if self.entries.len() > ENTRIES_KEPT {
            self.entries.pop_first();
        }
        number
    }

    /// Completes an entry, if a reset has not taken it away meanwhile.
    pub(crate) fn complete(&mut self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(&number) {
            change(entry);
        }
    }

    /// The entries of one token, or all of them, oldest first.
    pub(crate) fn of(&self, token: Option<TokenNumber>) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(move |entry| token.is_none_or(|token| token == entry.token_label))
    }

    /// Counts, smallest gap and violations per endpoint.
    pub(crate) fn gaps(&self, token: Option<TokenNumber>) -> BTreeMap<&'static str, Gaps> {
        let mut last: BTreeMap<Lane, Duration> = BTreeMap::new();
        let mut gaps: BTreeMap<&'static str, Gaps> = BTreeMap::new();
        for entry in self.of(token) {
            let seen = gaps.entry(entry.endpoint.path()).or_default();
            seen.count += 1;
            seen.violations += usize::from(entry.violation);
            if let Some(before) = last.insert((entry.token_label, entry.endpoint), entry.arrived_ms) {
                let gap = entry.arrived_ms.saturating_sub(before);
                seen.smallest_gap_ms = Some(seen.smallest_gap_ms.map_or(gap, |smallest| smallest.min(gap)));
            }
        }
        gaps
    }

    /// Forgets the entries of one token, or all of them.
    pub(crate) fn forget(&mut self, token: Option<TokenNumber>) {
        self.entries.retain(|_, entry| token.is_some_and(|token| token != entry.token_label));
    }
}

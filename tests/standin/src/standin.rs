//! All the stand-in remembers, behind one lock, so that the order of the log is the order the floor judged by.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Serialize, Serializer};

use crate::{
    family::Family,
    floor::{Floor, RetryAfter},
    log::{Entry, Log},
    recent::Recent,
    uploads::{Made, Upload},
};

/// Tokens are numbered as they are first seen, so that no other part holds or shows one.
pub(crate) type TokenNumber = u64;

const TOKENS_KEPT: usize = 100_000;
const BATCHES_KEPT: usize = 100_000;
const UPLOADS_KEPT: usize = 10_000;

/// Where a logged request went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Endpoint {
    /// One of the two results endpoints, the ones with a floor.
    Results(Family),
    /// Where files are uploaded. No floor is documented.
    Upload(Family),
    /// Where the batch `redirect` points: nobody's token should ever arrive there.
    Elsewhere,
}

impl Endpoint {
    /// The path below the base URL, as the documentation names it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Results(family) => family.path(),
            Self::Upload(family) => family.upload_path(),
            Self::Elsewhere => "/_standin/elsewhere",
        }
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.path())
    }
}

/// A request that has arrived and been judged.
pub(crate) struct Arrival {
    pub(crate) token: TokenNumber,
    pub(crate) violation: bool,
    entry: u64,
}

/// The state every request shares.
pub(crate) struct Standin {
    pub(crate) floor: Duration,
    pub(crate) retry_after: RetryAfter,
    started: Instant,
    memory: Mutex<Memory>,
}

struct Memory {
    tokens: Recent<String, TokenNumber>,
    tokens_seen: TokenNumber,
    floor: Floor,
    log: Log,
    /// How many requests of a token are still to be answered 503.
    outages: Recent<TokenNumber, u32>,
    /// Accepted polls per batch: the only thing a script advances by.
    polls: Recent<(TokenNumber, Endpoint, String), u32>,
    /// Every upload that began, by its number.
    uploads: Recent<u64, Upload>,
    uploads_seen: u64,
    /// What uploads made.
    made: Recent<(TokenNumber, Family, String), Made>,
}

impl Standin {
    pub(crate) fn new(floor: Duration, retry_after: RetryAfter) -> Self {
        let memory = Memory {
            tokens: Recent::new(TOKENS_KEPT),
            tokens_seen: 0,
            floor: Floor::new(floor),
            log: Log::default(),
            outages: Recent::new(TOKENS_KEPT),
            polls: Recent::new(BATCHES_KEPT),
            uploads: Recent::new(UPLOADS_KEPT),
            uploads_seen: 0,
            made: Recent::new(UPLOADS_KEPT),
        };
        Self { floor, retry_after, started: Instant::now(), memory: Mutex::new(memory) }
    }

    /// Logs a request at the moment it arrives, and judges a results request by the floor. `""` stands for no token.
    pub(crate) fn arrive(&self, endpoint: Endpoint, token: &str) -> Arrival {
        let mut memory = self.memory();
        let now = Instant::now();
        let token = memory.number(token);
        let violation = matches!(endpoint, Endpoint::Results(_)) && memory.floor.arrive((token, endpoint), now);
        let entry = memory.log.add(Entry {
            endpoint,
            batch_id: None,
            file_id: None,
            token_label: token,
            arrived_ms: now.saturating_duration_since(self.started),
            http_status: None,
            violation,
        });
        Arrival { token, violation, entry }
    }

    /// Completes the arrival's log entry.
    pub(crate) fn note(&self, arrival: &Arrival, change: impl FnOnce(&mut Entry)) {
        self.memory().log.complete(arrival.entry, change);
    }

    /// Counts an accepted poll of a batch and returns how many there have been, this one included.
    pub(crate) fn count_poll(&self, token: TokenNumber, endpoint: Endpoint, batch_id: &str) -> u32 {
        let mut memory = self.memory();
        let key = (token, endpoint, batch_id.to_owned());
        let count = memory.polls.get(&key).copied().unwrap_or(0).saturating_add(1);
        memory.polls.insert(key, count);
        count
    }

    /// Counts an upload that begins, and returns its number.
    pub(crate) fn begin_upload(&self, upload: Upload) -> u64 {
        let mut memory = self.memory();
        memory.uploads_seen += 1;
        let number = memory.uploads_seen;
        memory.uploads.insert(number, upload);
        number
    }

    /// Completes what is known of an upload.
    pub(crate) fn note_upload(&self, number: u64, change: impl FnOnce(&mut Upload)) {
        if let Some(upload) = self.memory().uploads.get_mut(&number) {
            change(upload);
        }
    }

    /// The uploads of one token, or all of them, oldest first.
    pub(crate) fn uploads(&self, token: Option<&str>) -> Vec<Upload> {
        let memory = self.memory();
        let chosen = memory.chosen(token);
        memory
            .uploads
            .values()
            .filter(|upload| chosen.is_none_or(|chosen| chosen == upload.token_label))
            .cloned()
            .collect()
    }

    /// Changes the batch that an upload made, if there is such a one.
    pub(crate) fn with_made<T>(
        &self,
        (token, family, batch_id): (TokenNumber, Family, &str),
        change: impl FnOnce(&mut Made) -> T,
    ) -> Option<T> {
        self.memory().made.get_mut(&(token, family, batch_id.to_owned())).map(change)
    }

    /// Keeps the batch that an upload made.
    pub(crate) fn keep_made(&self, token: TokenNumber, family: Family, batch_id: &str, made: Made) {
        self.memory().made.insert((token, family, batch_id.to_owned()), made);
    }

    /// Begins an outage of so many requests of a token, or ends one.
    pub(crate) fn fail_next(&self, token: &str, requests: u32) {
        let mut memory = self.memory();
        let token = memory.number(token);
        memory.outages.insert(token, requests);
    }

    /// Whether this request falls into an outage.
    pub(crate) fn is_out(&self, arrival: &Arrival) -> bool {
        let mut memory = self.memory();
        let left = memory.outages.get(&arrival.token).copied().unwrap_or(0);
        if left > 0 {
            memory.outages.insert(arrival.token, left - 1);
        }
        left > 0
    }

    /// Looks at the log, with the number of the token to select by, if one was named.
    pub(crate) fn look<T>(&self, token: Option<&str>, at: impl FnOnce(&Log, Option<TokenNumber>) -> T) -> T {
        let memory = self.memory();
        at(&memory.log, memory.chosen(token))
    }

    /// Forgets everything about one token, or everything.
    pub(crate) fn reset(&self, token: Option<&str>) {
        let mut memory = self.memory();
        let token = memory.chosen(token);
        memory.floor.forget(token);
        memory.log.forget(token);
        memory.polls.retain(|(owner, _, _)| token.is_some_and(|token| token != *owner));
        memory.made.retain(|(owner, _, _)| token.is_some_and(|token| token != *owner));
        let others: Vec<u64> = memory
            .uploads
            .entries()
            .filter(|(_, upload)| token.is_some_and(|token| token != upload.token_label))
            .map(|(number, _)| *number)
            .collect();
        memory.uploads.retain(|number| others.contains(number));
    }

    /// A panic elsewhere leaves counters behind, nothing half-written, so a poisoned lock is as good as a whole one.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn number(&mut self, token: &str) -> TokenNumber {
        if let Some(number) = self.tokens.get(&token.to_owned()) {
            return *number;
        }
        self.tokens_seen += 1;
        self.tokens.insert(token.to_owned(), self.tokens_seen);
        self.tokens_seen
    }

    /// The number to select by: none selects everything; a token never seen gets 0, which is nobody's.
    fn chosen(&self, token: Option<&str>) -> Option<TokenNumber> {
        token.map(|token| self.tokens.get(&token.to_owned()).copied().unwrap_or(0))
    }
}

//! How far a batch is, and which of its files became final since the last look.

use js_sys::{Array, Map};
use wasm_bindgen::prelude::*;

use super::control::Control;
use super::error::Error;
use crate::core::fields::Fields;
use crate::core::response::Counts;
use crate::web::reply::Files;
use crate::web::value::{get, text};

/// How far a batch is, its documents as JavaScript has them.
#[derive(Clone)]
pub(crate) struct Update {
    /// Whether it reports the place in line, before any reply.
    pub(crate) is_first: bool,
    pub(crate) attempt: u32,
    pub(crate) elapsed_ms: f64,
    /// `None` once done.
    pub(crate) next_poll_in_ms: Option<f64>,
    pub(crate) queue_position: u32,
    pub(crate) counts: Counts,
    pub(crate) new_files: Array,
    pub(crate) results: JsValue,
}

impl Update {
    /// All of it but the documents, as callers see it.
    pub(crate) fn facts(&self) -> Fields<'static> {
        let mut facts = Fields::default();
        facts.number("attempt", self.attempt);
        facts.number("elapsedMs", self.elapsed_ms);
        facts.maybe_number("nextPollInMs", self.next_poll_in_ms);
        facts.number("queuePosition", self.queue_position);
        facts.object("counts", self.counts.fields());
        facts
    }
}

/// Receives progress. An error ends the poll, and so may, by its control, what comes later.
pub(crate) type Listener = std::rc::Rc<dyn Fn(Update, &std::rc::Rc<Control>) -> Result<(), Error>>;

/// Which files were reported, each exactly once although the API repeats the whole list.
#[derive(Default)]
pub(crate) struct News {
    /// How many files of each identity. A count, not a set: replies with two files of one id exist, and none may be dropped.
    reported: Map,
}

impl News {
    /// Those that became final since the last look. `finals`: for each run of files with one status, whether it is final.
    pub(crate) fn of(&self, results: &JsValue, finals: &[u8]) -> Array {
        let (new, met) = (Array::new(), Map::new());
        let Some(files) = Files::of(&get(results, "files")) else { return new };
        let mut finals = finals.iter();
        let mut is_final = false;
        files.each(|_, is_new, file| {
            if is_new {
                is_final = finals.next() == Some(&1);
            }
            if is_final {
                let identity = identity(file).into();
                let times = count(&met, &identity) + 1.0;
                met.set(&identity, &times.into());
                if times > count(&self.reported, &identity) {
                    self.reported.set(&identity, &times.into());
                    new.push(file);
                }
            }
        });
        new
    }
}

fn count(counts: &Map, identity: &JsValue) -> f64 {
    counts.get(identity).as_f64().unwrap_or_default()
}

/// Extraction replies may come without file ids; then the name has to do.
fn identity(file: &JsValue) -> String {
    match text(file, "fileId") {
        Some(id) => ["id ", &id].concat(),
        None => ["name ", &text(file, "fileName").unwrap_or_default()].concat(),
    }
}

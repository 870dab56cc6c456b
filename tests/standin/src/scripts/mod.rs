//! The scripted batches: which batch id does what. One table drives the answers, `--help` and the tests.

mod demo;
mod errors;
mod flaky;
mod shapes;
mod states;
mod table;
mod wire;

pub use table::TABLE;

use crate::{
    documents,
    family::{Family, Ids},
    reply::Reply,
};

/// Larger numbers in a batch id are taken for a mistake.
const LARGEST_NUMBER: u32 = 100_000;

/// One kind of batch.
pub struct Script {
    /// The batch id, in which `N` stands for a count, `CODE` for an HTTP status and `JSON` for all that follows.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    only: Option<Family>,
    play: fn(&Poll) -> Reply,
}

impl Script {
    const fn new(name: &'static str, about: &'static str, play: fn(&Poll) -> Reply) -> Self {
        Self { name, about, only: None, play }
    }

    const fn only(mut self, family: Family) -> Self {
        self.only = Some(family);
        self
    }

    /// Answers one accepted poll.
    pub(crate) fn play(&self, poll: &Poll) -> Reply {
        if self.only.is_some_and(|only| only != poll.ids.family) {
            let hint = format!("The stand-in has the batch \"{}\" only in the other family", self.name);
            return Reply::json(404, &poll.ids.family.error(&hint));
        }
        (self.play)(poll)
    }

    /// The number the batch id holds where the name has a placeholder (0 without one), if it is a batch of this kind.
    fn number_in(&self, batch_id: &str) -> Option<u32> {
        let mut number = 0;
        let (mut ours, mut theirs) = (self.name.split('-'), batch_id.split('-'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return Some(number),
                (Some("JSON"), Some(_)) => return Some(number),
                (Some("N"), Some(text)) => number = digits(text).filter(|n| *n <= LARGEST_NUMBER)?,
                // 1xx is no answer, and HTTP has no others than three digits.
                (Some("CODE"), Some(text)) => number = digits(text).filter(|n| (200..=999).contains(n))?,
                (Some(word), Some(text)) if word == text => {}
                _ => return None,
            }
        }
    }
}

pub(crate) fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The script a batch id names, and the number in it.
pub(crate) fn find(batch_id: &str) -> Option<(&'static Script, u32)> {
    TABLE.iter().find_map(|script| Some((script, script.number_in(batch_id)?)))
}

/// A batch that an upload made: its files, a few more of them final at each poll.
pub(crate) fn uploaded(poll: &Poll, files: &[serde_json::Value]) -> Reply {
    demo::reveal(poll, files)
}

/// One accepted poll of a batch.
pub(crate) struct Poll {
    /// What was asked.
    pub(crate) ids: Ids,
    /// How many accepted polls there have been, this one included.
    pub(crate) count: u32,
    /// The number in the batch id; 0 when its name has none.
    pub(crate) number: u32,
}

impl Poll {
    fn family(&self) -> Family {
        self.ids.family
    }

    /// The HTTP status in the batch id.
    fn status(&self) -> u16 {
        u16::try_from(self.number).unwrap_or(500)
    }

    /// The documented reply of a finished batch: three files, or the one asked for.
    fn done(&self) -> Reply {
        self.files(documents::plain_files(self.family(), 3))
    }

    fn files(&self, files: Vec<serde_json::Value>) -> Reply {
        Reply::ok(&self.ids.with_files(files))
    }

    fn waiting(&self) -> Reply {
        Reply::ok(&self.ids.waiting())
    }

    /// This reply for so many polls, then a finished batch.
    fn until(&self, polls: u32, reply: impl FnOnce() -> Reply) -> Reply {
        if self.count <= polls { reply() } else { self.done() }
    }

    /// This reply twice, then a finished batch.
    fn twice(&self, reply: impl FnOnce() -> Reply) -> Reply {
        self.until(2, reply)
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLE, find};

    fn found(batch_id: &str) -> Option<(&'static str, u32)> {
        find(batch_id).map(|(script, number)| (script.name, number))
    }

    #[test]
    fn batch_ids_name_scripts() {
        assert_eq!(found("done"), Some(("done", 0)));
        assert_eq!(found("waits-12"), Some(("waits-N", 12)));
        assert_eq!(found("files-object"), Some(("files-object", 0)));
        assert_eq!(found("files-7"), Some(("files-N", 7)));
        assert_eq!(found("http-503-then-done"), Some(("http-CODE-then-done", 503)));
        assert_eq!(found("answers-[-1,\"-\"]"), Some(("answers-JSON", 0)));
        for unknown in ["", "Done", "done-", "waits", "waits-", "waits-+1", "waits-100001", "http-101", "http-1000"] {
            assert_eq!(found(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn no_script_hides_another() {
        for script in TABLE {
            let batch_id = script.name.replace("CODE", "500").replace('N', "3");
            assert_eq!(found(&batch_id).map(|found| found.0), Some(script.name));
        }
    }
}

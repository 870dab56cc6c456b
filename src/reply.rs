//! What a reply means: finished, not yet, or an error in either of the API's two styles.
//!
//! The reply stays where the platform parsed it. This module looks through [`Json`] at the few members that decide, so the
//! same rules run on a JS object in production and on `serde_json` in tests.

use crate::error::{Code, Failure, server_message};
use crate::fields::Fields;

/// A view of parsed JSON.
pub trait Json: Sized {
    /// What kind of value this is.
    fn kind(&self) -> Kind;
    /// A member of an object; `None` when it is absent or null.
    fn member(&self, name: &'static str) -> Option<Self>;
    /// The text of a string; `None` for anything else.
    fn text(&self) -> Option<String>;
    /// The number; `None` for anything else.
    fn number(&self) -> Option<f64>;
    /// Shows each element of an array, or each value of an object; false where they cannot be had.
    fn each(&self, visit: &mut dyn FnMut(Self)) -> bool;
}

/// The kinds of value that the rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    Text,
    /// `true`, or a number other than 0.
    Scalar,
    /// `null`, `false` or 0.
    Nothing,
}

/// What to make of a file status this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknownStatus {
    /// The file is not finished yet.
    Wait,
    /// The file is finished.
    Done,
    /// It is an error.
    Throw,
}

impl OnUnknownStatus {
    /// The choice's name among the options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Done => "done",
            Self::Throw => "throw",
        }
    }

    /// The choice of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Wait, Self::Done, Self::Throw].into_iter().find(|choice| choice.as_str() == name)
    }
}

/// Why a batch is, or is not, finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every file is final.
    Done,
    /// The batch's own status is `waiting`.
    Waiting,
    /// `files` is missing or empty, which some replies have before the work begins.
    NoFiles,
    /// Some files are still in work.
    Partial,
    /// As `Partial`, and at least one file has a status this version does not know.
    UnknownStatus,
}

impl Outcome {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Done, Self::Waiting, Self::NoFiles, Self::Partial, Self::UnknownStatus];

    /// Its name among the things a poll observed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::NoFiles => "noFiles",
            Self::Partial => "partial",
            Self::UnknownStatus => "unknownStatus",
        }
    }
}

/// How many files are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All files of the reply.
    pub total: u32,
    /// Final and not failed.
    pub processed: u32,
    /// Final and failed.
    pub failed: u32,
    /// Not final.
    pub pending: u32,
}

impl Counts {
    /// As callers see them.
    pub fn fields(&self) -> Fields<'static> {
        let mut fields = Fields::default();
        fields.number("total", self.total);
        fields.number("processed", self.processed);
        fields.number("failed", self.failed);
        fields.number("pending", self.pending);
        fields
    }
}

/// A final file: where it stands in the reply, and a hash of what identifies it from one reply to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalFile {
    /// Position in the reply.
    pub index: u32,
    /// Hash of its id, else of its name; 0 where it has neither.
    pub identity: u64,
}

/// A reply that is no error, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether the batch is finished, and if not, why.
    pub outcome: Outcome,
    /// How far the files are.
    pub counts: Counts,
    /// The files that are final, in the reply's order.
    pub final_files: Vec<FinalFile>,
}

/// Reads the body of a 2xx reply. `secret` is kept out of what is passed on of the server's words.
pub fn read<J: Json>(reply: &J, unknown: OnUnknownStatus, secret: Option<&str>) -> Result<Reading, Box<Failure>> {
    if reply.kind() != Kind::Object {
        return Err(Failure::new(Code::NotJson).into());
    }
    let status = reply.member("status").map(|status| status.text());
    let status = match status {
        None => None,
        Some(Some(text)) => Some(text),
        Some(None) => return Err(Failure::new(Code::UnexpectedReply).into()),
    };
    if let Some(error) = reply.member("error").filter(says_something) {
        return Err(Failure { server_message: spoken(&error, secret), ..Failure::new(Code::ApiError) }.into());
    }
    if status.as_deref() == Some("error") {
        return Err(Failure { server_message: said_in(reply, secret), ..Failure::new(Code::Server) }.into());
    }

    let mut files = Files::new(unknown);
    if let Some(list) = reply.member("files")
        && (!matches!(list.kind(), Kind::Array | Kind::Object) || !list.each(&mut |file| files.add(&file)))
    {
        return Err(Failure::new(Code::UnexpectedReply).into());
    }
    let waiting = status.as_deref() == Some("waiting");
    files.reading(waiting)
}

/// The server's words in the body of a refusal, in either of its styles.
pub fn said_in<J: Json>(body: &J, secret: Option<&str>) -> Option<String> {
    if body.kind() != Kind::Object {
        return None;
    }
    [body.member("message"), body.member("error")].into_iter().flatten().find_map(|words| spoken(&words, secret))
}

/// `error` may be a text, or an object that holds one.
fn spoken<J: Json>(words: &J, secret: Option<&str>) -> Option<String> {
    let text = match words.kind() {
        Kind::Object => words.member("message")?.text()?,
        _ => words.text()?,
    };
    server_message(&text, secret)
}

/// `error: ""` and `error: false` are how some servers say that there is none.
fn says_something<J: Json>(error: &J) -> bool {
    match error.kind() {
        Kind::Text => error.text().is_some_and(|text| !text.is_empty()),
        Kind::Nothing => false,
        Kind::Object | Kind::Array | Kind::Scalar => true,
    }
}

/// The files of a reply, as they are walked.
struct Files {
    unknown: OnUnknownStatus,
    counts: Counts,
    final_files: Vec<FinalFile>,
    saw_unknown: bool,
    impossible: bool,
}

impl Files {
    fn new(unknown: OnUnknownStatus) -> Self {
        Self { unknown, counts: Counts::default(), final_files: Vec::new(), saw_unknown: false, impossible: false }
    }

    fn add<J: Json>(&mut self, file: &J) {
        let index = self.counts.total;
        self.counts.total += 1;
        if file.kind() != Kind::Object {
            self.impossible = true;
            return;
        }
        let status = file.member("status").and_then(|status| status.text());
        let counter = match status.as_deref() {
            Some("processed") => &mut self.counts.processed,
            Some("failed") => &mut self.counts.failed,
            Some("waiting" | "processing") => {
                self.counts.pending += 1;
                return;
            }
            // The list of statuses is open, and a file without one is as unknown as one with a new one.
            _ => {
                self.saw_unknown = true;
                if self.unknown != OnUnknownStatus::Done {
                    self.counts.pending += 1;
                    return;
                }
                &mut self.counts.processed
            }
        };
        *counter += 1;
        self.final_files.push(FinalFile { index, identity: identity(file) });
    }

    fn reading(self, waiting: bool) -> Result<Reading, Box<Failure>> {
        if self.impossible {
            return Err(Failure::new(Code::UnexpectedReply).into());
        }
        if self.saw_unknown && self.unknown == OnUnknownStatus::Throw {
            return Err(Failure::new(Code::UnknownStatus).into());
        }
        let outcome = if waiting {
            Outcome::Waiting
        } else if self.counts.total == 0 {
            Outcome::NoFiles
        } else if self.counts.pending == 0 {
            Outcome::Done
        } else if self.saw_unknown {
            Outcome::UnknownStatus
        } else {
            Outcome::Partial
        };
        Ok(Reading { outcome, counts: self.counts, final_files: self.final_files })
    }
}

/// FNV-1a: short, and good enough to tell the files of one batch apart.
pub(crate) fn fnv1a(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

/// Extraction replies may come without file ids; then the name has to do.
fn identity<J: Json>(file: &J) -> u64 {
    let text = |name| file.member(name).and_then(|member| member.text());
    match (text("fileId"), text("fileName")) {
        (Some(id), _) => fnv1a(&["id", &id]),
        (None, Some(name)) => fnv1a(&["name", &name]),
        (None, None) => 0,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

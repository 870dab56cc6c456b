//! What a reply means: finished, not yet, or an error in either of the API's two styles.
//!
//! The reply stays where the platform parsed it. This module looks through [`Json`] at the few members that decide, so the
//! same rules run on a JS object in production and on `serde_json` in tests.

use crate::core::error::{Code, Failure, server_message};
use crate::core::fields::Fields;

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
    /// Shows the statuses of the files in an array, or of those that are an object's values, each with how many files have
    /// it; false where this is neither, or they cannot be had. One status may come more than once.
    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool;
}

/// The status of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// As the API calls it.
    Text(String),
    /// The file has none, or one that is no text.
    NoText,
    /// What stands in the file's place is no object.
    NoFile,
}

/// The kinds of value that the rules distinguish.
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

impl Kind {
    #[doc(hidden)]
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Object, Self::Array, Self::Text, Self::Scalar, Self::Nothing];
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
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Wait, Self::Done, Self::Throw];

    /// The choice's name among the options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Done => "done",
            Self::Throw => "throw",
        }
    }

    #[doc(hidden)]
    /// The choice of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == name)
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

    /// Whether every file is final.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done)
    }

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
    #[doc(hidden)]
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

/// A reply that is no error, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether the batch is finished, and if not, why.
    pub outcome: Outcome,
    /// How far the files are.
    pub counts: Counts,
    /// For each status in the order of [`Json::tally`], whether it is final: 1, or 0.
    pub finals: Vec<u8>,
}

/// Reads the body of a 2xx reply. What `secret` gives is kept out of what is passed on of the server's words.
pub fn read<J: Json>(
    reply: &J,
    unknown: OnUnknownStatus,
    secret: &dyn Fn() -> Option<String>,
) -> Result<Reading, Box<Failure>> {
    if reply.kind() != Kind::Object {
        return Err(Failure::new(Code::NotJson).into());
    }
    let status = reply.member("status").map(|status| status.text());
    let status = match status {
        None => None,
        Some(Some(text)) => Some(text),
        Some(None) => return Err(Failure::new(Code::UnexpectedReply).into()),
    };
    error_in(reply, status.as_deref(), secret)?;

    let mut files = Files::new(unknown);
    if let Some(list) = reply.member("files")
        && !list.tally(&mut |status, many| files.add(status, many))
    {
        return Err(Failure::new(Code::UnexpectedReply).into());
    }
    let waiting = status.as_deref() == Some("waiting");
    files.reading(waiting)
}

/// Fails where a 2xx reply reports an error, in either of the API's styles.
pub(crate) fn error_in<J: Json>(
    reply: &J,
    status: Option<&str>,
    secret: &dyn Fn() -> Option<String>,
) -> Result<(), Box<Failure>> {
    if let Some(error) = reply.member("error").filter(says_something) {
        let server_message = spoken(&error, secret().as_deref());
        return Err(Failure { server_message, ..Failure::new(Code::ApiError) }.into());
    }
    if status == Some("error") {
        let server_message = said_in(reply, secret().as_deref());
        return Err(Failure { server_message, ..Failure::new(Code::Server) }.into());
    }
    Ok(())
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
    finals: Vec<u8>,
    saw_unknown: bool,
    impossible: bool,
}

impl Files {
    fn new(unknown: OnUnknownStatus) -> Self {
        Self { unknown, counts: Counts::default(), finals: Vec::new(), saw_unknown: false, impossible: false }
    }

    fn add(&mut self, status: FileStatus, many: u32) {
        self.counts.total += many;
        let status = match &status {
            FileStatus::Text(status) => status.as_str(),
            FileStatus::NoText => "",
            FileStatus::NoFile => {
                self.impossible = true;
                ""
            }
        };
        let pending = self.counts.pending;
        let counter = match status {
            "processed" => &mut self.counts.processed,
            "failed" => &mut self.counts.failed,
            "waiting" | "processing" => &mut self.counts.pending,
            // The list of statuses is open, and a file without one is as unknown as one with a new one.
            _ => {
                self.saw_unknown = true;
                match self.unknown {
                    OnUnknownStatus::Done => &mut self.counts.processed,
                    OnUnknownStatus::Wait | OnUnknownStatus::Throw => &mut self.counts.pending,
                }
            }
        };
        *counter += many;
        self.finals.push(u8::from(self.counts.pending == pending));
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
        Ok(Reading { outcome, counts: self.counts, finals: self.finals })
    }
}

mod value;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

//! What became of the files of an upload.

/// How far the files of an upload that failed came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing was sent, or the server refused it.
    NotTaken,
    /// All of them may be there, and may be billed.
    Possible,
    /// They are there. What failed came after.
    Certain,
}

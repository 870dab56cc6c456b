//! The shapes that the API is known to answer with, and snapshots of ours: in `corpus`, with made-up data.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

/// Some of the corpus.
pub(crate) type Part = LazyLock<Vec<Value>>;

/// Replies of both endpoints: finished, waiting, partly finished, refused in each style, and the odd ones.
pub(crate) static REPLIES: Part = LazyLock::new(|| files(|name| !name.starts_with("snapshot-")));

/// What `watch.snapshot()` gives.
pub(crate) static SNAPSHOTS: Part = LazyLock::new(|| files(|name| name.starts_with("snapshot-")));

fn files(is_wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let paths = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_wanted_file = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(&is_wanted);
    let mut paths: Vec<_> = paths.filter(is_wanted_file).collect();
    paths.sort(); // The same seed picks the same file on every machine.
    assert!(!paths.is_empty(), "{folder} has no such files");
    let parsed = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| error.to_string());
        let value = text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        value.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(parsed).collect()
}

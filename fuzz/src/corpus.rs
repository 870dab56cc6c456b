//! The shapes that the API is known to answer with, and snapshots of ours: in `corpus`, with made-up data.

use std::sync::LazyLock;

use serde_json::Value;

/// Some of the corpus.
pub(crate) type Part = LazyLock<Vec<Value>>;

/// Replies of both endpoints: finished, waiting, partly finished, refused in each style, and the odd ones.
pub(crate) static REPLIES: Part = LazyLock::new(|| {
    parsed(&[
        include_str!("../corpus/extraction-done.json"),
        include_str!("../corpus/extraction-done-with-ids.json"),
        include_str!("../corpus/extraction-waiting.json"),
        include_str!("../corpus/extraction-waiting-one-file.json"),
        include_str!("../corpus/extraction-empty-object.json"),
        include_str!("../corpus/extraction-empty-list.json"),
        include_str!("../corpus/extraction-by-id.json"),
        include_str!("../corpus/extraction-mixed.json"),
        include_str!("../corpus/extraction-edited.json"),
        include_str!("../corpus/extraction-error.json"),
        include_str!("../corpus/error-nested.json"),
        include_str!("../corpus/error-empty.json"),
        include_str!("../corpus/classification-done.json"),
        include_str!("../corpus/classification-waiting.json"),
        include_str!("../corpus/classification-error.json"),
        include_str!("../corpus/classification-unlinked.json"),
    ])
});

/// What `watch.snapshot()` gives.
pub(crate) static SNAPSHOTS: Part = LazyLock::new(|| {
    parsed(&[
        include_str!("../corpus/snapshot-extraction.json"),
        include_str!("../corpus/snapshot-classification.json"),
    ])
});

fn parsed(texts: &[&str]) -> Vec<Value> {
    let values: Vec<Value> = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    assert_eq!(values.len(), texts.len(), "a file of the corpus is no JSON");
    values
}

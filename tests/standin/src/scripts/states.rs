//! Batches and files on their way from waiting to final.

use serde_json::{Value, json};

use super::Poll;
use crate::{
    documents::{failed, file_id, not_yet, plain, plain_files, with, without},
    reply::Reply,
};

pub(super) fn done(poll: &Poll) -> Reply {
    poll.done()
}

pub(super) fn waits(poll: &Poll) -> Reply {
    poll.until(poll.number, || poll.waiting())
}

pub(super) fn forever(poll: &Poll) -> Reply {
    poll.waiting()
}

pub(super) fn files(poll: &Poll) -> Reply {
    poll.files(plain_files(poll.family(), poll.number as usize))
}

pub(super) fn one_by_one(poll: &Poll) -> Reply {
    let files = plain_files(poll.family(), 5);
    let turn = poll.count as usize % files.len();
    let mut files = part_final(&files, poll.count as usize);
    files.rotate_left(turn);
    poll.files(files)
}

/// The first of the files final, the next in work, the rest waiting.
pub(super) fn part_final(files: &[Value], ready: usize) -> Vec<Value> {
    let state = |(position, file): (usize, &Value)| match position {
        position if position < ready => file.clone(),
        position if position == ready => not_yet(file, "processing"),
        _ => not_yet(file, "waiting"),
    };
    files.iter().enumerate().map(state).collect()
}

pub(super) fn mixed(poll: &Poll) -> Reply {
    let second = failed(2, "File 2.pdf", "The file is encrypted");
    let mut files = plain_files(poll.family(), 4);
    if poll.count <= 2 {
        files = part_final(&files, 2);
    }
    poll.files(replace_second(files, second))
}

pub(super) fn with_failure(poll: &Poll) -> Reply {
    poll.files(replace_second(plain_files(poll.family(), 3), failed(2, "File 2.pdf", "The file could not be read")))
}

fn replace_second(files: Vec<Value>, second: Value) -> Vec<Value> {
    let id = file_id(2);
    files.into_iter().map(|file| if file.get("fileId") == Some(&json!(id)) { second.clone() } else { file }).collect()
}

pub(super) fn unknown_status(poll: &Poll) -> Reply {
    let archived = |file| with(without(file, "result"), "status", json!("archived"));
    let [first, second] = [1, 2].map(|number| plain(poll.family(), number));
    poll.files(vec![first, archived(second)])
}

pub(super) fn unknown_status_then_done(poll: &Poll) -> Reply {
    poll.twice(|| unknown_status(poll))
}

//! Any JSON: by shape, with the names that matter made likely, or a known reply changed here and there.

use serde_json::{Map, Value};

use crate::corpus;
use crate::pick::{Bytes, below, number, once_in, one_of, perhaps, plain, some};
use crate::text::{speech, text};

const NAMES: [&str; 14] = [
    "status",
    "files",
    "error",
    "message",
    "fileId",
    "fileName",
    "result",
    "extraction",
    "url",
    "extractionId",
    "batchId",
    "__proto__",
    "length",
    "",
];

/// A member's name.
pub(crate) fn name(bytes: &mut Bytes<'_>) -> String {
    if once_in(bytes, 6) { text(bytes) } else { one_of(bytes, &NAMES).into() }
}

/// A value without members.
pub(crate) fn leaf(bytes: &mut Bytes<'_>) -> Value {
    match below(bytes, 5) {
        0 => Value::Null,
        1 => plain::<bool>(bytes).into(),
        2 => number(bytes).into(),
        3 => plain::<i64>(bytes).into(),
        _ => text(bytes).into(),
    }
}

/// A value of any shape, so many levels deep at most.
pub(crate) fn any(bytes: &mut Bytes<'_>, levels: usize) -> Value {
    match below(bytes, 4) {
        0 if levels > 0 => object(bytes, levels),
        1 if levels > 0 => some(bytes, 5, |bytes| any(bytes, levels - 1)).into(),
        _ => leaf(bytes),
    }
}

fn object(bytes: &mut Bytes<'_>, levels: usize) -> Value {
    some(bytes, 5, |bytes| (name(bytes), any(bytes, levels - 1))).into_iter().collect::<Map<_, _>>().into()
}

/// A reply, or what a broken server takes for one.
pub(crate) fn reply(bytes: &mut Bytes<'_>, secret: Option<&str>) -> Value {
    match below(bytes, 5) {
        0 | 1 => shaped(bytes, secret),
        2 | 3 => changed(bytes, &corpus::REPLIES, secret),
        _ => any(bytes, 4),
    }
}

/// One of the corpus, changed here and there.
pub(crate) fn changed(bytes: &mut Bytes<'_>, corpus: &corpus::Part, secret: Option<&str>) -> Value {
    let mut value = corpus[below(bytes, corpus.len())].clone();
    for _ in 0..below(bytes, 6) {
        let levels = below(bytes, 4);
        change_within(&mut value, levels, bytes, secret);
    }
    value
}

/// A reply in its usual shape, each member of which may be of another.
fn shaped(bytes: &mut Bytes<'_>, secret: Option<&str>) -> Value {
    let mut reply = Map::new();
    for (name, usual) in [("status", below(bytes, 3)), ("error", below(bytes, 8)), ("message", below(bytes, 4))] {
        match usual {
            1 if name == "status" => drop(reply.insert(name.into(), text(bytes).into())),
            1 => drop(reply.insert(name.into(), speech(bytes, secret).into())),
            2 if name == "error" => drop(reply.insert(name.into(), any(bytes, 2))),
            2 if once_in(bytes, 4) => drop(reply.insert(name.into(), leaf(bytes))),
            _ => {}
        }
    }
    let files = match below(bytes, 6) {
        0 | 1 => Some(some(bytes, 8, file).into()),
        2 => Some(some(bytes, 8, |bytes| (text(bytes), file(bytes))).into_iter().collect::<Map<_, _>>().into()),
        3 => Some(any(bytes, 3)),
        _ => None,
    };
    reply.extend(files.map(|files| ("files".into(), files)));
    reply.extend(some(bytes, 3, |bytes| (name(bytes), any(bytes, 1))));
    reply.into()
}

fn file(bytes: &mut Bytes<'_>) -> Value {
    const STATUSES: [&str; 7] = ["processed", "failed", "waiting", "processing", "edited", "", "PROCESSED"];
    if once_in(bytes, 12) {
        return any(bytes, 2);
    }
    let mut file = Map::new();
    let status = if once_in(bytes, 8) { leaf(bytes) } else { one_of(bytes, &STATUSES).into() };
    file.insert("status".into(), status);
    for name in ["fileId", "fileName"] {
        let text = perhaps(bytes, |bytes| if once_in(bytes, 8) { leaf(bytes) } else { text(bytes).into() });
        file.extend(text.map(|text| (name.into(), text)));
    }
    file.extend(some(bytes, 2, |bytes| (name(bytes), leaf(bytes))));
    file.into()
}

fn change_within(value: &mut Value, levels: usize, bytes: &mut Bytes<'_>, secret: Option<&str>) {
    match value {
        Value::Array(list) if levels > 0 && !list.is_empty() => {
            let at = below(bytes, list.len());
            change_within(&mut list[at], levels - 1, bytes, secret);
        }
        Value::Object(members) if levels > 0 && !members.is_empty() => {
            let at = below(bytes, members.len());
            if let Some(member) = members.values_mut().nth(at) {
                change_within(member, levels - 1, bytes, secret);
            }
        }
        value => change(value, bytes, secret),
    }
}

/// One change: something else, less, more, elsewhere, deeper.
fn change(value: &mut Value, bytes: &mut Bytes<'_>, secret: Option<&str>) {
    match (below(bytes, 8), &mut *value) {
        (0, Value::Object(members)) => {
            // A member goes, or goes by another name.
            if let Some(member) = member_of(members, bytes).and_then(|name| members.remove(&name))
                && once_in(bytes, 2)
            {
                members.insert(name(bytes), member);
            }
        }
        (1, Value::Object(members)) => {
            if let Some(member) = member_of(members, bytes).and_then(|name| members.get(&name).cloned()) {
                members.insert(name(bytes), member);
            }
        }
        (2, Value::Object(members)) => drop(members.insert(name(bytes), any(bytes, 2))),
        (0, Value::Array(list)) if !list.is_empty() => drop(list.remove(below(bytes, list.len()))),
        (1, Value::Array(list)) if !list.is_empty() => list.push(list[below(bytes, list.len())].clone()),
        (2, Value::Array(list)) => list.push(file(bytes)),
        (0, Value::String(text)) => text.push_str(&speech(bytes, secret)),
        (3, value) => *value = vec![value.take()].into(),
        (4, value) => *value = Map::from_iter([(name(bytes), value.take())]).into(),
        (5, value) => *value = any(bytes, 2),
        (6, value) => *value = speech(bytes, secret).into(),
        (_, value) => *value = leaf(bytes),
    }
}

fn member_of(members: &Map<String, Value>, bytes: &mut Bytes<'_>) -> Option<String> {
    members.keys().nth(below(bytes, members.len())).cloned()
}

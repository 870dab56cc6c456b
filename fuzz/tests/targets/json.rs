//! Any JSON: by shape, with the names that matter made likely, or a known reply changed here and there.

use bolero::{Driver, ValueGenerator, one_value_of};
use serde_json::{Map, Value};

use crate::corpus;
use crate::pick::{below, number, once_in, perhaps, some};
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
pub(crate) fn name(driver: &mut impl Driver) -> Option<String> {
    if once_in(driver, 6)? { text(driver) } else { Some(one_value_of(NAMES).generate(driver)?.into()) }
}

/// A value without members.
pub(crate) fn leaf(driver: &mut impl Driver) -> Option<Value> {
    Some(match below(driver, 5)? {
        0 => Value::Null,
        1 => driver.produce::<bool>()?.into(),
        2 => number(driver)?.into(),
        3 => driver.produce::<i64>()?.into(),
        _ => text(driver)?.into(),
    })
}

/// A value of any shape, so many levels deep at most.
pub(crate) fn any(driver: &mut impl Driver, levels: usize) -> Option<Value> {
    match below(driver, 4)? {
        0 if levels > 0 => members(driver, 5, |driver| Some((name(driver)?, any(driver, levels - 1)?))),
        1 if levels > 0 => Some(some(driver, 5, |driver| any(driver, levels - 1))?.into()),
        _ => leaf(driver),
    }
}

fn members<D: Driver>(
    driver: &mut D,
    most: usize,
    make: impl FnMut(&mut D) -> Option<(String, Value)>,
) -> Option<Value> {
    Some(some(driver, most, make)?.into_iter().collect::<Map<_, _>>().into())
}

/// A reply, or what a broken server takes for one.
pub(crate) fn reply(driver: &mut impl Driver, secret: Option<&str>) -> Option<Value> {
    match below(driver, 5)? {
        0 | 1 => shaped(driver, secret),
        2 | 3 => changed(driver, &corpus::REPLIES, secret),
        _ => any(driver, 4),
    }
}

/// One of the corpus, changed here and there.
pub(crate) fn changed(driver: &mut impl Driver, corpus: &corpus::Part, secret: Option<&str>) -> Option<Value> {
    let mut value = corpus[below(driver, corpus.len())?].clone();
    for _ in 0..below(driver, 6)? {
        let levels = below(driver, 4)?;
        change_within(&mut value, levels, driver, secret)?;
    }
    Some(value)
}

/// A reply in its usual shape, each member of which may be of another.
fn shaped(driver: &mut impl Driver, secret: Option<&str>) -> Option<Value> {
    let mut reply = Map::new();
    for (name, kinds) in [("status", 3), ("error", 8), ("message", 4)] {
        let member = match below(driver, kinds)? {
            1 if name == "status" => text(driver)?.into(),
            1 => speech(driver, secret)?.into(),
            2 if name == "error" => any(driver, 2)?,
            2 if once_in(driver, 4)? => leaf(driver)?,
            _ => continue,
        };
        reply.insert(name.into(), member);
    }
    let files = match below(driver, 6)? {
        0 | 1 => Some(some(driver, 8, file)?.into()),
        2 => Some(members(driver, 8, |driver| Some((text(driver)?, file(driver)?)))?),
        3 => Some(any(driver, 3)?),
        _ => None,
    };
    reply.extend(files.map(|files| ("files".into(), files)));
    reply.extend(some(driver, 3, |driver| Some((name(driver)?, any(driver, 1)?)))?);
    Some(reply.into())
}

fn file(driver: &mut impl Driver) -> Option<Value> {
    const STATUSES: [&str; 7] = ["processed", "failed", "waiting", "processing", "edited", "", "PROCESSED"];
    if once_in(driver, 12)? {
        return any(driver, 2);
    }
    let mut file = Map::new();
    let is_odd = once_in(driver, 8)?;
    let status = if is_odd { leaf(driver)? } else { one_value_of(STATUSES).generate(driver)?.into() };
    file.insert("status".into(), status);
    for name in ["fileId", "fileName"] {
        let id =
            perhaps(driver, |driver| if once_in(driver, 8)? { leaf(driver) } else { text(driver).map(Value::from) });
        file.extend(id?.map(|id| (name.into(), id)));
    }
    file.extend(some(driver, 2, |driver| Some((name(driver)?, leaf(driver)?)))?);
    Some(file.into())
}

fn change_within(value: &mut Value, levels: usize, driver: &mut impl Driver, secret: Option<&str>) -> Option<()> {
    match value {
        Value::Array(list) if levels > 0 && !list.is_empty() => {
            let at = below(driver, list.len())?;
            change_within(&mut list[at], levels - 1, driver, secret)
        }
        Value::Object(members) if levels > 0 && !members.is_empty() => {
            let at = below(driver, members.len())?;
            change_within(members.values_mut().nth(at)?, levels - 1, driver, secret)
        }
        value => change(value, driver, secret),
    }
}

/// One change: something else, less, more, elsewhere, deeper.
fn change(value: &mut Value, driver: &mut impl Driver, secret: Option<&str>) -> Option<()> {
    match (below(driver, 8)?, &mut *value) {
        (0, Value::Object(members)) => {
            // A member goes, or goes by another name.
            if let Some(member) = member_of(members, driver)?.and_then(|name| members.remove(&name))
                && once_in(driver, 2)?
            {
                members.insert(name(driver)?, member);
            }
        }
        (1, Value::Object(members)) => {
            if let Some(member) = member_of(members, driver)?.and_then(|name| members.get(&name).cloned()) {
                members.insert(name(driver)?, member);
            }
        }
        (2, Value::Object(members)) => drop(members.insert(name(driver)?, any(driver, 2)?)),
        (0, Value::Array(list)) if !list.is_empty() => drop(list.remove(below(driver, list.len())?)),
        (1, Value::Array(list)) if !list.is_empty() => list.push(list[below(driver, list.len())?].clone()),
        (2, Value::Array(list)) => list.push(file(driver)?),
        (0, Value::String(text)) => text.push_str(&speech(driver, secret)?),
        (3, value) => *value = vec![value.take()].into(),
        (4, value) => *value = Map::from_iter([(name(driver)?, value.take())]).into(),
        (5, value) => *value = any(driver, 2)?,
        (6, value) => *value = speech(driver, secret)?.into(),
        (_, value) => *value = leaf(driver)?,
    }
    Some(())
}

fn member_of(members: &Map<String, Value>, driver: &mut impl Driver) -> Option<Option<String>> {
    Some(members.keys().nth(below(driver, members.len())?).cloned())
}

//! The invented files the scripts answer with. Members and value types follow the documented samples: keys sorted, every
//! leaf of an extraction a string.

use serde_json::{Map, Value, json};

use crate::family::Family;

/// Ids look like the real ones: twenty characters, the first of them `-`.
pub(crate) fn file_id(number: usize) -> String {
    format!("-standin-file-{number:06}")
}

/// A link shaped like the ones in captured replies: signed, and with an encoded `%` that must not be decoded twice.
pub(crate) fn url(number: usize, file_name: &str) -> String {
    let name: String = file_name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
    format!(
        "https://storage.example/extractions/standin-owner/file-{number:06}_%25_{name}?Expires=16725225600&Signature=none"
    )
}

/// An entry with everything a processed file has.
pub(crate) fn processed(number: usize, file_name: &str, result: Value) -> Value {
    json!({
        "fileId": file_id(number),
        "fileName": file_name,
        "result": result,
        "status": "processed",
        "url": url(number, file_name),
    })
}

/// An entry of a file that could not be read.
pub(crate) fn failed(number: usize, file_name: &str, error: &str) -> Value {
    json!({
        "error": error,
        "fileId": file_id(number),
        "fileName": file_name,
        "status": "failed",
        "url": url(number, file_name),
    })
}

/// The same file at a time when nothing is known of it but this status.
pub(crate) fn not_yet(file: &Value, status: &str) -> Value {
    let known = ["fileId", "fileName", "url"];
    let mut entry: Map<String, Value> =
        known.iter().filter_map(|name| Some(((*name).to_owned(), file.get(name)?.clone()))).collect();
    entry.insert("status".to_owned(), json!(status));
    Value::Object(entry)
}

/// The same entry with one member set.
pub(crate) fn with(mut file: Value, member: &str, value: Value) -> Value {
    if let Value::Object(entry) = &mut file {
        entry.insert(member.to_owned(), value);
    }
    file
}

/// The same entry without one member.
pub(crate) fn without(mut file: Value, member: &str) -> Value {
    if let Value::Object(entry) = &mut file {
        entry.remove(member);
    }
    file
}

/// A file that is nothing special, numbered from 1.
pub(crate) fn plain(family: Family, number: usize) -> Value {
    let result = match family {
        Family::Extraction => invoice(number),
        Family::Classification => {
            let (kind, confidence) = match number % 3 {
                1 => ("invoice", 0.9),
                2 => ("resume", 0.95),
                _ => ("other", 0.95),
            };
            json!({ "confidence": confidence, "documentType": kind })
        }
    };
    processed(number, &format!("File {number}.pdf"), result)
}

/// So many files that are nothing special.
pub(crate) fn plain_files(family: Family, count: usize) -> Vec<Value> {
    (1..=count).map(|number| plain(family, number)).collect()
}

fn invoice(number: usize) -> Value {
    json!({
        "invoice_number": format!("EX-{number:04}"),
        "items": [
            { "description": "Example item", "price": "10.00", "quantity": "2" },
            { "description": "Another example item", "price": "5.50", "quantity": "1" },
        ],
        "supplier": { "address": "1 Example Street, Sampletown", "name": "Example Supplies Ltd" },
        "tags": ["example", "invented"],
        "total": "25.50",
    })
}

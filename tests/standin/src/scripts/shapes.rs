//! Replies whose shape differs from the documented one, or is documented and surprising.

use serde_json::{Map, Value, json};

use super::Poll;
use crate::{
    documents::{file_id, plain, plain_files, processed, url, with, without},
    family::Family,
    reply::Reply,
};

/// Enough for a reply of about 10 MB, with the padding below.
const HUGE: usize = 10_000;

pub(super) fn empty_object_then_done(poll: &Poll) -> Reply {
    poll.twice(|| Reply::ok(&poll.ids.with("files", json!({}))))
}

pub(super) fn empty_array_then_done(poll: &Poll) -> Reply {
    poll.twice(|| Reply::ok(&poll.ids.with("files", json!([]))))
}

pub(super) fn missing_files_then_done(poll: &Poll) -> Reply {
    poll.twice(|| Reply::ok(&Value::Object(poll.ids.envelope())))
}

pub(super) fn files_object(poll: &Poll) -> Reply {
    let wanted = poll.ids.file_id.as_deref();
    let ids = (1..=3).map(|number| (number, file_id(number)));
    let asked = ids.filter(|(_, id)| wanted.is_none_or(|wanted| wanted == id));
    let files: Map<_, _> = asked.map(|(number, id)| (id, without(plain(poll.family(), number), "fileId"))).collect();
    Reply::ok(&poll.ids.with("files", Value::Object(files)))
}

pub(super) fn files_string(poll: &Poll) -> Reply {
    Reply::ok(&poll.ids.with("files", json!("File 1.pdf")))
}

pub(super) fn files_number(poll: &Poll) -> Reply {
    Reply::ok(&poll.ids.with("files", json!(3)))
}

pub(super) fn file_entry_null(poll: &Poll) -> Reply {
    Reply::ok(&poll.ids.with("files", json!([plain(poll.family(), 1), null, plain(poll.family(), 3)])))
}

pub(super) fn duplicate_ids(poll: &Poll) -> Reply {
    let shares = |file| with(file, "fileId", json!(file_id(1)));
    let files = plain_files(poll.family(), 3).into_iter();
    let shared = |file: Value| if file.get("fileId") == Some(&json!(file_id(2))) { shares(file) } else { file };
    poll.files(files.map(shared).collect())
}

pub(super) fn no_file_ids(poll: &Poll) -> Reply {
    poll.files(plain_files(poll.family(), 3).into_iter().map(|file| without(file, "fileId")).collect())
}

pub(super) fn extra_members(poll: &Poll) -> Reply {
    let extra = json!({
        "__proto__": { "polluted": "yes" },
        "array": [null, true, 1, "two", [3.5], {}],
        "boolean": false,
        "constructor": { "prototype": { "polluted": "yes" } },
        "emptyText": "",
        "largeNumber": 9_007_199_254_740_993_u64,
        "negativeZero": -0.0,
        "null": null,
        "number": 12.5,
        "rightToLeft": "שלום, ארה״ב – مرحبا",
        "then": "not a thenable",
        "toString": "not a function",
        "unicode": "naïve café 日本語 😀 e\u{301} \u{2028} \u{0}",
        "ünï cödé key's (name)?": "✓",
    });
    let merge = |value: &mut Value| {
        if let (Value::Object(into), Value::Object(from)) = (value, &extra) {
            into.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
            into.insert("nested".to_owned(), json!({ "deeper": extra }));
        }
    };
    let mut files = plain_files(poll.family(), 2);
    for file in &mut files {
        merge(file);
        if let Some(result) = file.get_mut("result") {
            merge(result);
        }
    }
    let mut reply = poll.ids.with_files(files);
    merge(&mut reply);
    Reply::ok(&reply)
}

pub(super) fn injection(poll: &Poll) -> Reply {
    const HOSTILE: [&str; 8] = [
        "<img src=x onerror=\"window.injected = true\">",
        "<script>window.injected = true</script>",
        "</script><svg onload=window.injected=true>",
        "javascript:window.injected=true",
        "\"quotes\" and 'quotes' and `quotes` and \\",
        "=1+1",
        "@SUM(A1:A9)",
        "+1\t-1\r\n,;",
    ];
    let hostile = |(number, text): (usize, &&str)| {
        let result = match poll.family() {
            Family::Extraction => json!({ "list": HOSTILE, *text: text, "object": { "value": text } }),
            Family::Classification => json!({ "confidence": 0.5, "documentType": text }),
        };
        let file = processed(number + 1, &format!("{text}.pdf"), result);
        if text.starts_with("javascript:") { with(file, "url", json!(text)) } else { file }
    };
    poll.files(HOSTILE.iter().enumerate().map(hostile).collect())
}

pub(super) fn huge(poll: &Poll) -> Reply {
    let padding = "Invented text. ".repeat(if poll.family() == Family::Extraction { 34 } else { 48 });
    let grown = |file| with(file, "padding", json!(padding));
    poll.files(plain_files(poll.family(), HUGE).into_iter().map(grown).collect())
}

pub(super) fn megabytes(poll: &Poll) -> Reply {
    let text = "Invented text, ".repeat(poll.number as usize * 1_000_000 / 15);
    one_file_with(poll, format!("\"{text}\""))
}

pub(super) fn deep(poll: &Poll) -> Reply {
    let depth = poll.number as usize;
    one_file_with(poll, format!("{}{}", "[".repeat(depth), "]".repeat(depth)))
}

/// A file with this JSON as it stands: larger or deeper than one would build value by value.
fn one_file_with(poll: &Poll, json: String) -> Reply {
    const PLACE: &[u8] = b"\"HERE\"";
    let mut reply = poll.files(vec![with(plain(poll.family(), 1), "extra", json!("HERE"))]);
    if let Some(place) = reply.body.windows(PLACE.len()).position(|part| part == PLACE) {
        reply.body.splice(place..place + PLACE.len(), json.into_bytes());
    }
    reply
}

pub(super) fn answers(poll: &Poll) -> Reply {
    let json = poll.ids.batch_id.strip_prefix("answers-").unwrap_or_default();
    Reply::bytes(200, "application/json; charset=utf-8", json)
}

pub(super) fn linked(poll: &Poll) -> Reply {
    let link = |batch_id: &str, number| json!({ "extractionId": "-standin-extraction1", "batchId": batch_id, "fileId": file_id(number) });
    let kinds = [("invoice", Some(link("waits-2", 1))), ("resume", Some(link("done", 2))), ("other", None)];
    let files = kinds.into_iter().zip(1..).map(|((kind, link), number)| {
        let name = format!("File {number}.pdf");
        let file = processed(number, &name, json!({ "confidence": 0.95, "documentType": kind }));
        let file = with(file, "url", json!(url(number, &name)));
        match link {
            Some(link) => with(file, "extraction", link),
            None => file,
        }
    });
    poll.files(files.collect())
}

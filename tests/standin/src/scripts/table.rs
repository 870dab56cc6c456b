//! Every batch the stand-in has.

use super::{Script, demo, errors, flaky, shapes, states, wire};
use crate::family::Family::{Classification, Extraction};

/// The batches, in the order `--help` shows them. "Then done" is after two polls unless a line says otherwise.
pub static TABLE: &[Script] = &[
    // How batches come to their end.
    Script::new("done", "three files, finished at the first poll", states::done),
    Script::new("waits-N", "waiting for N polls in the documented shape, then done", states::waits),
    Script::new("forever", "waiting, always", states::forever),
    Script::new("one-by-one", "five files, one more final at each poll, their order changing", states::one_by_one),
    Script::new(
        "mixed",
        "processed, failed, processing and waiting side by side; all final at the third poll",
        states::mixed,
    ),
    Script::new("with-failure", "three files, finished, the second failed with a reason", states::with_failure),
    Script::new("files-N", "N files, finished; files-0 is an empty list forever", states::files),
    Script::new("unknown-status", "one file processed, one \"archived\" forever", states::unknown_status),
    Script::new("unknown-status-then-done", "the same, then done", states::unknown_status_then_done),
    // Shapes seen or feared.
    Script::new("empty-object-then-done", "files is {}, then done", shapes::empty_object_then_done),
    Script::new("empty-array-then-done", "files is [], then done", shapes::empty_array_then_done),
    Script::new(
        "missing-files-then-done",
        "neither files nor a status of waiting, then done",
        shapes::missing_files_then_done,
    ),
    Script::new("files-object", "files is an object keyed by fileId, whose entries lack it", shapes::files_object),
    Script::new("files-string", "files is a string", shapes::files_string),
    Script::new("files-number", "files is a number", shapes::files_number),
    Script::new("file-entry-null", "one entry of files is null", shapes::file_entry_null),
    Script::new(
        "duplicate-ids",
        "two different files share a fileId, as in the documented sample",
        shapes::duplicate_ids,
    ),
    Script::new("no-file-ids", "no entry has a fileId, as in the documented sample", shapes::no_file_ids),
    Script::new(
        "extra-members",
        "members and types nobody announced, at every level, __proto__ among them",
        shapes::extra_members,
    ),
    Script::new(
        "injection",
        "HTML, script, javascript: links, quotes and CSV formulas in names and values",
        shapes::injection,
    ),
    Script::new("huge", "10 000 files, about 10 MB", shapes::huge),
    Script::new("megabytes-N", "a finished file with N MB of text", shapes::megabytes),
    Script::new("deep-N", "a finished file with N lists inside one another", shapes::deep),
    Script::new("answers-JSON", "this JSON, byte by byte as it stands in the batch id, with 200", shapes::answers),
    Script::new(
        "linked",
        "files linked to the extraction batches waits-2 and done, and one without a link",
        shapes::linked,
    )
    .only(Classification),
    // Errors reported in JSON.
    Script::new("error-style-error", "200 {\"error\": \"Invalid request\"}", errors::style_error),
    Script::new("error-style-status", "200 {\"status\": \"error\", \"message\": …}", errors::style_status),
    Script::new("error-then-done", "200 {\"status\": \"error\", \"message\": …}, then done", errors::then_done),
    Script::new("http-CODE", "this HTTP status (200 to 999) with a JSON error, always", errors::http),
    Script::new("http-CODE-then-done", "this HTTP status with a JSON error, then done", errors::http_then_done),
    Script::new("rate-limited", "429 with Retry-After: 1, then done", errors::rate_limited),
    Script::new("rate-limited-silent", "429 without Retry-After, then done", errors::rate_limited_silent),
    Script::new(
        "rate-limited-date",
        "429 with Retry-After as a date 2 seconds away, then done",
        errors::rate_limited_date,
    ),
    Script::new("unavailable-retry-after", "503 with Retry-After: 1, then done", errors::unavailable),
    Script::new("redirect", "302 to /_standin/elsewhere, where arrivals are logged", errors::redirect),
    Script::new("redirect-CODE", "this HTTP status with the same address", errors::redirect_with),
    // Bodies that are not what they should be.
    Script::new("html-CODE", "a web page with this HTTP status, always", wire::html),
    Script::new("html-CODE-then-done", "a web page with this HTTP status, then done", wire::html_then_done),
    Script::new("empty-CODE", "this HTTP status and an empty body, always", wire::empty),
    Script::new("binary-CODE", "this HTTP status and bytes that are no text, said to be JSON", wire::binary),
    Script::new("empty-body", "200 and nothing", wire::empty_body),
    Script::new("truncated-json", "the first half of a reply as a complete body", wire::truncated_json),
    Script::new("array-body", "[]", wire::array_body),
    Script::new("null-body", "null", wire::null_body),
    Script::new("text-body", "plain text with 200", wire::text_body),
    Script::new("bom", "a finished reply after a byte order mark", wire::bom),
    Script::new("wrong-type", "a finished reply said to be a web page", wire::wrong_type),
    // Connections that misbehave.
    Script::new("reset", "a TCP reset instead of an answer", wire::reset),
    Script::new("reset-then-done", "the same, then done", wire::reset_then_done),
    Script::new("reset-in-body", "headers, half of the body, a TCP reset", wire::reset_in_body),
    Script::new("cut-body", "Content-Length of the whole body, half of it, then a close", wire::cut_body),
    Script::new("slow-headers", "done, answered after 3 seconds", wire::slow_headers),
    Script::new("slow-bytes", "done, its body in 20 pieces over about a second", wire::slow_bytes),
    Script::new("never-answers", "holds the request until the client goes, or for 60 seconds", wire::never_answers),
    Script::new("never-ends-body", "half of the body, then spaces for 60 seconds and no end", wire::never_ends_body),
    // All of it.
    Script::new(
        "flaky-N",
        "faults drawn by N between good answers, never more than two in a row; done after 4 to 10 polls",
        flaky::flaky,
    ),
    // For the demo.
    Script::new(
        "demo-invoices",
        "five invented invoices, one in Hebrew, one unreadable; done at the fourth poll",
        demo::invoices,
    )
    .only(Extraction),
    Script::new(
        "demo-resumes",
        "four invented resumes, one in Arabic, one unreadable; done at the fourth poll",
        demo::resumes,
    )
    .only(Extraction),
    Script::new(
        "demo-inbox",
        "five invented files sorted, one linked to demo-linked; done at the fourth poll",
        demo::inbox,
    )
    .only(Classification),
    Script::new("demo-linked", "the invoice demo-inbox links to; done at the third poll", demo::linked)
        .only(Extraction),
];

//! What the demo shows: documents a person can read, all of them invented, finishing a few at a time.

use serde_json::{Value, json};

use super::{Poll, states::part_final};
use crate::{
    documents::{failed, file_id, processed, with},
    reply::Reply,
};

/// The file `demo-inbox` links to, in the batch `demo-linked`.
const LINKED: usize = 901;

/// Waiting at the first poll, then a third of the files more at each.
pub(super) fn reveal(poll: &Poll, files: &[Value]) -> Reply {
    if poll.count == 1 {
        return poll.waiting();
    }
    let ready = (poll.count as usize - 1).saturating_mul(files.len().div_ceil(3));
    poll.files(part_final(files, ready))
}

pub(super) fn invoices(poll: &Poll) -> Reply {
    let files = [
        processed(101, "Invoice 1001 Example Stationery.pdf", stationery()),
        processed(
            102,
            "Rechnung Muster GmbH.pdf",
            json!({
                "currency": "EUR",
                "customer": { "address": "Beispielweg 2, 00000 Musterstadt", "name": "Erika Beispiel" },
                "due_date": "31.01.2025",
                "invoice_number": "M-2025-007",
                "items": [
                    { "description": "Prüfung der Musteranlage", "price": "480,00", "quantity": "1" },
                    { "description": "Anfahrt", "price": "35,00", "quantity": "2" },
                ],
                "notes": ["Zahlbar ohne Abzug", "Vielen Dank"],
                "supplier": { "address": "Musterstraße 1, 00000 Musterstadt", "name": "Muster GmbH" },
                "total": "550,00",
            }),
        ),
        processed(
            103,
            "חשבונית לדוגמה.pdf",
            json!({
                "currency": "ILS",
                "customer": { "address": "רחוב הדוגמה 3, עיר לדוגמה", "name": "פלוני אלמוני" },
                "due_date": "23/12/24",
                "invoice_number": "0042",
                "items": [{ "description": "ייעוץ לדוגמה", "price": "1000.00", "quantity": "1" }],
                "notes": ["תודה רבה"],
                "supplier": { "address": "שדרות המבחן 1", "name": "דוגמה בע״מ" },
                "total": "1000.00",
            }),
        ),
        failed(104, "Scan too dark.jpg", "The image is too dark to read"),
        processed(
            105,
            "Invoice 1004 Sample Garden.png",
            json!({
                "currency": "USD",
                "customer": { "address": "", "name": "Pat Placeholder" },
                "due_date": "02/28/2025",
                "invoice_number": "1004",
                "items": [
                    { "description": "Rake, 12\"", "price": "18.90", "quantity": "1" },
                    { "description": "Seeds, mixed", "price": "2.25", "quantity": "12" },
                    { "description": "Delivery", "price": "6.00", "quantity": "1" },
                ],
                "notes": [],
                "supplier": { "address": "9 Test Lane, Exampleville", "name": "Sample Garden Co." },
                "total": "51.90",
            }),
        ),
    ];
    reveal(poll, &files)
}

fn stationery() -> Value {
    json!({
        "currency": "GBP",
        "customer": { "address": "2 Sample Road, Exampleton", "name": "Alex Example" },
        "due_date": "14 February 2025",
        "invoice_number": "1001",
        "items": [
            { "description": "Paper, A4, 500 sheets", "price": "4.20", "quantity": "10" },
            { "description": "Pencils, box", "price": "3.75", "quantity": "4" },
        ],
        "notes": ["Please quote the invoice number"],
        "supplier": { "address": "1 Example Street, Exampleton", "name": "Example Stationery Ltd" },
        "total": "57.00",
    })
}

pub(super) fn resumes(poll: &Poll) -> Reply {
    let resume = |name: &str, position: &str, employer: &str, languages: Value, skills: Value, years: &str| {
        json!({
            "experience": [
                { "employer": employer, "position": position, "years": years },
                { "employer": "Placeholder Partners", "position": "Trainee", "years": "1" },
            ],
            "languages": languages,
            "personal_info": { "email": "applicant@mail.example", "name": name, "phone": "000 000 000" },
            "skills": skills,
        })
    };
    let files = [
        processed(
            201,
            "CV Alex Example.pdf",
            resume("Alex Example", "Engineer", "Example Works", json!(["English"]), json!(["Testing", "Drawing"]), "6"),
        ),
        processed(
            202,
            "سيرة ذاتية مثال.pdf",
            resume(
                "فلان الفلاني",
                "محاسب",
                "شركة المثال",
                json!(["العربية", "English"]),
                json!(["محاسبة", "تدقيق"]),
                "4",
            ),
        ),
        failed(203, "CV locked.pdf", "The file is protected by a password"),
        processed(
            204,
            "CV Sam Sample.docx",
            resume("Sam Sample", "Gardener", "Sample Garden Co.", json!(["English", "Français"]), json!([]), "11"),
        ),
    ];
    reveal(poll, &files)
}

pub(super) fn inbox(poll: &Poll) -> Reply {
    let sorted = |number, name: &str, kind: &str, confidence: f64| {
        processed(number, name, json!({ "confidence": confidence, "documentType": kind }))
    };
    let link = json!({ "extractionId": "-standin-extraction1", "batchId": "demo-linked", "fileId": file_id(LINKED) });
    let files = [
        with(sorted(301, "Invoice 1001 Example Stationery.pdf", "invoice", 0.97), "extraction", link),
        sorted(302, "CV Alex Example.pdf", "resume", 0.95),
        sorted(303, "קורות חיים לדוגמה.pdf", "resume", 0.88),
        failed(304, "Empty page.pdf", "The file has no content"),
        sorted(305, "Holiday picture.jpg", "other", 0.61),
    ];
    reveal(poll, &files)
}

pub(super) fn linked(poll: &Poll) -> Reply {
    if poll.count <= 2 {
        return poll.waiting();
    }
    poll.files(vec![processed(LINKED, "Invoice 1001 Example Stationery.pdf", stationery())])
}

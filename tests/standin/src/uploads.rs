//! An upload: it arrives, its files are read piece by piece and forgotten, and a batch is made whose results echo their names.
//!
//! What the real API answers is known in part: the ids, a status, and an entry with a `fileId` for each file.

use std::time::Duration;

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::header,
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    connection::Fate,
    documents,
    family::Family,
    faults::deliver,
    log::label,
    reply::{Delivery, Reply},
    results::{bearer, invalid, refuse},
    scripts::digits,
    standin::{Endpoint, Standin, TokenNumber},
};

/// What goes wrong with an upload, by the id of the extraction or classification; `CODE` stands for an HTTP status.
pub static TABLE: &[(&str, &str)] = &[
    ("upload-http-CODE", "reads all of it, then answers this HTTP status (200 to 999) with a JSON error"),
    ("upload-cut", "a TCP reset once some of the first file has been read"),
    ("upload-cut-reply", "takes it, then a TCP reset instead of an answer"),
    ("upload-no-batch", "takes it, and answers without batchId"),
    ("upload-error", "200 {\"error\": \"Invalid request\"}, or as the family says it"),
    ("upload-html", "reads all of it, then answers 200 with a web page"),
    ("upload-slow", "reads it slowly, 16 KB in 100 ms"),
    ("upload-late", "takes it, and answers after 3 seconds"),
    ("upload-never", "takes it, and holds the request until the client goes, or for 60 seconds"),
];

/// What a slow one reads in the pause: however large the pieces are that the connection gives.
const SLOW_BYTES: u32 = 16_384;
const SLOW_PAUSE: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_secs(3);
/// Far more than an id needs.
const LONGEST_ID: usize = 1024;

/// One upload that began, as `GET /_standin/uploads` shows it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Upload {
    endpoint: Endpoint,
    #[serde(serialize_with = "label")]
    pub(crate) token_label: TokenNumber,
    /// As the request announces it; absent where it comes in chunks.
    content_length: Option<u64>,
    template_id: Option<String>,
    batch_id: Option<String>,
    files: Vec<UploadedFile>,
    /// All of it was read, to the closing boundary.
    is_complete: bool,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct UploadedFile {
    file_name: String,
    content_type: Option<String>,
    bytes: u64,
    /// 32-bit FNV-1a of the bytes.
    checksum: u32,
}

/// A batch made of an upload.
pub(crate) struct Made {
    template_id: String,
    family: Family,
    /// The first of its files' numbers, which are never given twice.
    first: usize,
    file_names: Vec<String>,
}

impl Made {
    /// Its files as they are when they are finished.
    pub(crate) fn files(&self) -> Vec<Value> {
        let numbered = (self.first..).zip(&self.file_names);
        numbered.map(|(number, name)| documents::processed(number, name, self.result(name))).collect()
    }

    fn result(&self, name: &str) -> Value {
        match self.family {
            Family::Extraction => json!({
                "file_name": name,
                "note": "Made up by a stand-in, which read no document",
                "total": "25.50",
            }),
            Family::Classification => {
                let kinds = ["invoice", "resume"];
                let kind = kinds.into_iter().find(|kind| name.to_lowercase().contains(kind));
                json!({ "confidence": 0.9, "documentType": kind.unwrap_or("other") })
            }
        }
    }
}

/// Answers one upload.
pub(crate) async fn answer(standin: &Standin, family: Family, fate: &Fate, request: Request) -> Response {
    let token = bearer(request.headers()).unwrap_or_default().to_owned();
    let arrival = standin.arrive(Endpoint::Upload(family), &token);
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let number = standin.begin_upload(Upload {
        endpoint: Endpoint::Upload(family),
        token_label: arrival.token,
        content_length: length,
        template_id: None,
        batch_id: None,
        files: Vec::new(),
        is_complete: false,
    });
    let mut reading = Reading { standin, family, number, ids: Map::new(), file_names: Vec::new() };
    let reply = match reading.read(request).await {
        Err(Stop::Cut) => Reply::ok(&json!({})).delivered(Delivery::Reset),
        Err(Stop::Unfit(reason)) => invalid(family, reason),
        // Read to its end even when it is refused: an unread rest would turn the close into a reset.
        Ok(()) => refuse(&token).unwrap_or_else(|| reading.conclude(arrival.token)),
    };
    standin.note(&arrival, |entry| {
        entry.http_status = reply.visible_status();
        entry.batch_id = reading.id("batchId").map(str::to_owned);
    });
    deliver(reply, fate).await
}

/// Why no more of an upload is read.
enum Stop {
    Cut,
    Unfit(String),
}

struct Reading<'a> {
    standin: &'a Standin,
    family: Family,
    number: u64,
    /// The fields of the form that are no files.
    ids: Map<String, Value>,
    file_names: Vec<String>,
}

impl Reading<'_> {
    async fn read(&mut self, request: Request) -> Result<(), Stop> {
        let unfit = |what: &str| Stop::Unfit(what.to_owned());
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| unfit("the body is not multipart/form-data with a boundary"))?;
        while let Some(field) = form.next_field().await.map_err(|_| unfit("the form is incomplete"))? {
            match field.name().unwrap_or_default() {
                "files" => self.read_file(field).await?,
                name if name == self.family.id_member() || name == "batchId" => {
                    let name = name.to_owned();
                    let text = field.text().await.map_err(|_| unfit("the form is incomplete"))?;
                    if text.is_empty() || text.len() > LONGEST_ID {
                        return Err(Stop::Unfit(format!("{name} must be a non-empty string")));
                    }
                    if name == self.family.id_member() {
                        self.standin.note_upload(self.number, |upload| upload.template_id = Some(text.clone()));
                    }
                    self.ids.insert(name, json!(text));
                }
                name => return Err(Stop::Unfit(format!("the form has an unknown field \"{name}\""))),
            }
        }
        self.standin.note_upload(self.number, |upload| upload.is_complete = true);
        Ok(())
    }

    async fn read_file(&mut self, mut field: Field<'_>) -> Result<(), Stop> {
        let Some(file_name) = field.file_name().map(unescaped) else {
            return Err(Stop::Unfit("a file has no name".to_owned()));
        };
        self.file_names.push(file_name.clone());
        let content_type = field.content_type().map(str::to_owned);
        self.standin.note_upload(self.number, |upload| {
            upload.files.push(UploadedFile { file_name, content_type, bytes: 0, checksum: 0x811c_9dc5 });
        });
        while let Some(piece) = field.chunk().await.map_err(|_| Stop::Unfit("the form is incomplete".to_owned()))? {
            self.standin.note_upload(self.number, |upload| {
                if let Some(file) = upload.files.last_mut() {
                    file.bytes += piece.len() as u64;
                    file.checksum = piece
                        .iter()
                        .fold(file.checksum, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
                }
            });
            match self.script() {
                Some("upload-cut") => return Err(Stop::Cut),
                Some("upload-slow") => {
                    let pauses = u32::try_from(piece.len()).unwrap_or(u32::MAX).div_ceil(SLOW_BYTES);
                    tokio::time::sleep(SLOW_PAUSE * pauses).await;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn id(&self, member: &str) -> Option<&str> {
        self.ids.get(member)?.as_str()
    }

    fn script(&self) -> Option<&str> {
        self.id(self.family.id_member()).filter(|id| id.starts_with("upload-"))
    }

    /// All was read: makes a batch of it, and the answer.
    fn conclude(&mut self, token: TokenNumber) -> Reply {
        let family = self.family;
        let Some(template_id) = self.id(family.id_member()).map(str::to_owned) else {
            return invalid(family, format!("{} must be a non-empty string", family.id_member()));
        };
        if self.file_names.is_empty() {
            return invalid(family, "files must be one or more files".to_owned());
        }
        match template_id.as_str() {
            "upload-error" => return Reply::ok(&family.error("Invalid request")),
            "upload-html" => return Reply::html(200, "<!DOCTYPE html>\n<title>Sign in</title>\n"),
            id => {
                if let Some(status) =
                    id.strip_prefix("upload-http-").and_then(digits).filter(|n| (200..=999).contains(n))
                {
                    let status = u16::try_from(status).unwrap_or(500);
                    return Reply::json(status, &family.error(&format!("Scripted status {status}")));
                }
            }
        }
        let first = usize::try_from(self.number).unwrap_or(0) * 10_000;
        let file_names = std::mem::take(&mut self.file_names);
        let batch_id = match self.id("batchId") {
            None => {
                let batch_id = format!("upload{:04}", self.number);
                let made = Made { template_id: template_id.clone(), family, first, file_names: file_names.clone() };
                self.standin.keep_made(token, family, &batch_id, made);
                batch_id
            }
            Some(batch_id) => {
                let added = self.standin.with_made((token, family, batch_id), |made| {
                    let fits = made.template_id == template_id;
                    if fits {
                        made.file_names.extend(file_names.iter().cloned());
                    }
                    fits
                });
                if added != Some(true) {
                    return Reply::json(404, &family.error("Batch not found"));
                }
                batch_id.to_owned()
            }
        };
        self.standin.note_upload(self.number, |upload| upload.batch_id = Some(batch_id.clone()));
        let entries = (first..).zip(&file_names);
        let entries: Vec<_> =
            entries.map(|(number, name)| json!({ "fileId": documents::file_id(number), "fileName": name })).collect();
        let mut reply = Map::new();
        reply.insert("status".to_owned(), json!("uploaded"));
        reply.insert(family.id_member().to_owned(), json!(template_id));
        reply.insert("files".to_owned(), json!(entries));
        if template_id != "upload-no-batch" {
            reply.insert("batchId".to_owned(), json!(batch_id));
        }
        self.ids.insert("batchId".to_owned(), json!(batch_id));
        Reply::ok(&Value::Object(reply)).delivered(match template_id.as_str() {
            "upload-cut-reply" => Delivery::Reset,
            "upload-late" => Delivery::Late(LATE),
            "upload-never" => Delivery::Never,
            _ => Delivery::Whole,
        })
    }
}

/// A file's name as it was before the browser wrote it into the form: these three are all that is escaped there.
fn unescaped(name: &str) -> String {
    name.replace("%0A", "\n").replace("%0D", "\r").replace("%22", "\"")
}

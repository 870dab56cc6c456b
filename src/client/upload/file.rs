//! Files to upload, as callers have them.

use std::fmt;

use js_sys::Uint8Array;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;

use crate::client::error::Error;
use crate::core::error::Failure;
use crate::web::form::{Content, Part, Unread, blob_of, iterate};
use crate::web::value::{get, method};

/// What can be uploaded.
const FILE: &str = "a File, a Blob with a name, or { name, data } with bytes, text, a Blob or a stream";

/// A document to upload.
///
/// ```
/// use extracta_wasm::UploadFile;
///
/// let file = UploadFile::bytes("invoice.pdf", b"%PDF-1.7".to_vec());
/// # drop(file);
/// ```
pub struct UploadFile {
    name: String,
    data: Data,
}

enum Data {
    Bytes(Vec<u8>),
    Js(SendWrapper<JsValue>),
}

impl UploadFile {
    /// A document in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), data: Data::Bytes(bytes.into()) }
    }

    /// A `File`, a `Blob`, or a stream: a `ReadableStream` or an async iterable of bytes. A stream is not held in memory, except
    /// in browsers, which send none.
    pub fn js(name: impl Into<String>, data: impl Into<JsValue>) -> Self {
        Self { name: name.into(), data: Data::Js(SendWrapper::new(data.into())) }
    }

    pub(crate) fn part(self, index: usize) -> Result<Part, Error> {
        let data = match self.data {
            Data::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
            Data::Js(data) => data.take(),
        };
        part(index, self.name, &data)
    }
}

impl fmt::Debug for UploadFile {
    /// Without the document.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UploadFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether a value has the shape of a blob: it may come from another realm.
pub(crate) fn is_blob(value: &JsValue) -> bool {
    get(value, "size").as_f64().is_some() && method(value, "stream").is_some()
}

/// A file of the form, if it is one.
pub(crate) fn part(index: usize, name: String, data: &JsValue) -> Result<Part, Error> {
    if name.is_empty() {
        return Err(unfit(index, "one without a name"));
    }
    let content = if is_blob(data) {
        Content::Blob(data.clone().unchecked_into())
    } else if method(data, "getReader").is_some() || iterate(data).is_some() {
        Content::Stream(data.clone())
    } else if data.is_string() || get(data, "byteLength").as_f64().is_some() {
        Content::Blob(blob_of(data).map_err(|_| unfit(index, "bytes that this platform makes no Blob of"))?)
    } else {
        return Err(unfit(index, "one without data"));
    };
    let part = Part { name, content };
    if part.bytes() == Some(0.0) { Err(empty(index)) } else { Ok(part) }
}

/// What stands in a file's place is `got`. Its name is not reported, as it may say what nobody else is to know.
pub(crate) fn unfit(index: usize, got: &str) -> Error {
    let allowed = ["files of which each is ", FILE].concat();
    Failure::invalid("files", &allowed, &[got, ", at index ", &index.to_string()].concat()).into()
}

fn empty(index: usize) -> Error {
    unfit(index, "an empty file")
}

/// The error of a file that could not be read.
pub(super) fn unread(why: Unread) -> Error {
    match why {
        Unread::Thrown(error) => Error::thrown(error),
        Unread::NoBytes => Failure::invalid("files", "streams of bytes or text", "a stream of something else").into(),
        Unread::Empty => Failure::invalid("files", "streams with something in them", "an empty one").into(),
    }
}

/// The failure of an upload of nothing.
pub(crate) fn none() -> Error {
    Failure::invalid("files", "at least one file", "none").into()
}

/// The platform's form does not take a file.
pub(super) fn no_blob() -> Error {
    let got = "a Blob that is none of this platform's own";
    Failure::invalid("files", FILE, got).into()
}

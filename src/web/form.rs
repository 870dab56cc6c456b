//! Files as the body of a request: a form that the platform writes, or, where one of them is a stream, a form written here as it
//! is sent.
//!
//! A form of the platform's holds no stream. Browsers send none either, or over HTTP/2 only: there, a stream is read first.

use js_sys::{Array, Function, Math, Symbol, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use super::promise::Settling;
use super::realm::is_web_page;
use super::value::{get, method, number_text, read};

/// A file of a form.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// What is in a file.
pub(crate) enum Content {
    Blob(Blob),
    /// A `ReadableStream`, or anything else whose chunks can be iterated.
    Stream(JsValue),
}

impl Part {
    pub(crate) fn bytes(&self) -> Option<f64> {
        match &self.content {
            Content::Blob(blob) => Some(blob.size()),
            Content::Stream(_) => None,
        }
    }
}

/// The field that files have in the form.
const FILES: &str = "files";

/// A blob of bytes or text; fails where the platform makes none of such a value.
pub(crate) fn blob_of(value: &JsValue) -> Result<Blob, JsValue> {
    Blob::new_with_blob_sequence(&Array::of1(value))
}

/// Whether a body may be sent while it is made.
pub(crate) fn sends_streams() -> bool {
    !is_web_page()
}

/// A form that the platform writes, with a boundary that it chooses. Fails where one of the files is none of this platform.
pub(crate) fn form<'a>(
    fields: impl Iterator<Item = (&'static str, &'a str)>,
    parts: &[Part],
) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (name, text) in fields {
        form.append_with_str(name, text)?;
    }
    for part in parts {
        if let Content::Blob(blob) = &part.content {
            form.append_with_blob_and_filename(FILES, blob, &part.name)?;
        }
    }
    Ok(form)
}

/// Why a file cannot be sent.
pub(crate) enum Unread {
    /// What its stream threw.
    Thrown(JsValue),
    /// It gave a chunk that is neither bytes nor text.
    NoBytes,
    Empty,
}

impl Part {
    /// The same with its stream read to the end.
    pub(crate) async fn collected(self) -> Result<Self, Unread> {
        let Content::Stream(stream) = &self.content else { return Ok(self) };
        let mut chunks = Chunks::of(stream).map_err(Unread::Thrown)?;
        let read = Array::new();
        while let Some(chunk) = chunks.next().await? {
            read.push(&chunk);
        }
        let blob = Blob::new_with_u8_array_sequence(&read).map_err(Unread::Thrown)?;
        if blob.size() == 0.0 {
            return Err(Unread::Empty);
        }
        Ok(Self { content: Content::Blob(blob), ..self })
    }
}

/// A form that is written as it is sent.
pub(crate) struct Outlet {
    /// What the platform reads.
    pub(crate) body: JsValue,
    pub(crate) content_type: String,
    boundary: String,
    writer: Writer,
    is_open: bool,
}

impl Outlet {
    /// Fails where the platform has no streams.
    pub(crate) fn new() -> Result<Self, JsValue> {
        let stream = TransformStream::new()?;
        // Digits that no document has by chance: 2^104 such numbers.
        let random = || number_text(Math::floor(Math::random() * 9_007_199_254_740_992.0));
        let boundary = ["extracta-wasm-", &random(), "-", &random()].concat();
        Ok(Self {
            body: get(&stream, "readable"),
            content_type: ["multipart/form-data; boundary=", &boundary].concat(),
            boundary,
            writer: get(&stream, "writable").unchecked_into::<Writable>().get_writer()?,
            is_open: true,
        })
    }

    /// Writes all of the form, no faster than it is read. `sent` is called before each piece, with the bytes of the files up to its
    /// end, and says whether to go on. It ends early also where the platform wants no more: what its request comes to says why.
    pub(crate) async fn write<'a>(
        &mut self,
        fields: impl Iterator<Item = (&'static str, &'a str)>,
        parts: &[Part],
        mut sent: impl FnMut(f64) -> bool,
    ) -> Result<(), Unread> {
        let mut head = String::new();
        for (name, text) in fields {
            head.push_str(&[&*self.disposition(name), "\"\r\n\r\n", text, "\r\n"].concat());
        }
        let mut sent_bytes = 0.0;
        for part in parts {
            let name = escaped(&part.name);
            head.push_str(&[&*self.disposition(FILES), "\"; filename=\"", &name, "\"\r\n"].concat());
            head.push_str("Content-Type: application/octet-stream\r\n\r\n");
            if !self.put(&Uint8Array::from(head.as_bytes())).await {
                return Ok(());
            }
            let before = sent_bytes;
            let stream = match &part.content {
                Content::Blob(blob) => blob.unchecked_ref::<Readable>().stream().map_err(Unread::Thrown)?,
                Content::Stream(stream) => stream.clone(),
            };
            let mut chunks = Chunks::of(&stream).map_err(Unread::Thrown)?;
            while let Some(chunk) = chunks.next().await? {
                let length = f64::from(chunk.length());
                if length == 0.0 {
                    continue;
                }
                sent_bytes += length;
                // Before, as it may arrive before this goes on.
                if !sent(sent_bytes) || !self.put(&chunk).await {
                    return Ok(());
                }
            }
            if sent_bytes == before {
                return Err(Unread::Empty);
            }
            head = "\r\n".into();
        }
        head.push_str(&["--", &self.boundary, "--\r\n"].concat());
        if self.put(&Uint8Array::from(head.as_bytes())).await {
            self.is_open = false;
            settled(self.writer.close()).await;
        }
        Ok(())
    }

    fn disposition(&self, name: &str) -> String {
        ["--", &self.boundary, "\r\nContent-Disposition: form-data; name=\"", name].concat()
    }

    /// Whether the platform took it.
    async fn put(&self, bytes: &Uint8Array) -> bool {
        settled(self.writer.write(bytes)).await
    }
}

impl Drop for Outlet {
    /// A body that breaks off is no whole form: no server takes it for one.
    fn drop(&mut self) {
        if self.is_open
            && let Ok(promise) = self.writer.abort()
        {
            drop(Settling::of(&promise));
        }
    }
}

async fn settled(given: Result<JsValue, JsValue>) -> bool {
    match given.and_then(|promise| Settling::of(&promise)) {
        Ok(settling) => settling.await.is_ok(),
        Err(_) => false,
    }
}

/// A file's name within quotes, as browsers write it there.
fn escaped(name: &str) -> String {
    let (mut escaped, mut from) = (String::new(), 0);
    for (at, byte) in name.bytes().enumerate() {
        let code = match byte {
            b'\n' => "%0A",
            b'\r' => "%0D",
            b'"' => "%22",
            _ => continue,
        };
        escaped.push_str(name.get(from..at).unwrap_or_default());
        escaped.push_str(code);
        from = at + 1;
    }
    escaped.push_str(name.get(from..).unwrap_or_default());
    escaped
}

/// The chunks of a stream. Dropped before its end, it cancels the stream.
struct Chunks {
    source: JsValue,
    next: Function,
    /// By which it is cancelled.
    end: Option<Function>,
}

impl Chunks {
    /// Fails where it gives no chunks, being read by somebody else, say.
    fn of(stream: &JsValue) -> Result<Self, JsValue> {
        let (begin, next, end) = match (method(stream, "getReader"), iterate(stream)) {
            (Some(get_reader), _) => (get_reader, "read", "cancel"),
            (None, Some(iterate)) => (iterate, "next", "return"),
            (None, None) => return Err(JsValue::UNDEFINED),
        };
        let source = begin.call0(stream)?;
        let next = read(&source, next)?.dyn_into()?;
        let end = method(&source, end);
        Ok(Self { source, next, end })
    }

    async fn next(&mut self) -> Result<Option<Uint8Array>, Unread> {
        let step = self.next.call0(&self.source).and_then(|step| Settling::of(&step));
        let step = match step {
            Ok(step) => step.await,
            Err(error) => Err(error),
        };
        let step = step.inspect_err(|_| self.end = None).map_err(Unread::Thrown)?;
        if get(&step, "done").is_truthy() {
            self.end = None;
            return Ok(None);
        }
        bytes_of(&get(&step, "value")).map(Some)
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        if let Some(end) = self.end.take()
            && let Ok(promise) = end.call0(&self.source)
        {
            // Nobody is to see that it fails.
            drop(Settling::of(&promise));
        }
    }
}

/// What gives the iterator of an iterable that can be waited for.
pub(crate) fn iterate(value: &JsValue) -> Option<Function> {
    js_sys::Reflect::get(value, &Symbol::async_iterator()).ok()?.dyn_into().ok()
}

fn bytes_of(chunk: &JsValue) -> Result<Uint8Array, Unread> {
    if let Some(text) = chunk.as_string() {
        return Ok(Uint8Array::from(text.as_bytes()));
    }
    if chunk.is_instance_of::<Uint8Array>() {
        return Ok(chunk.clone().unchecked_into());
    }
    // A view, or the memory itself.
    let Some(length) = get(chunk, "byteLength").as_f64() else { return Err(Unread::NoBytes) };
    let (buffer, offset) = (get(chunk, "buffer"), get(chunk, "byteOffset").as_f64());
    let buffer = if buffer.is_undefined() { chunk } else { &buffer };
    Ok(Uint8Array::new_with_byte_offset_and_length(buffer, offset.unwrap_or_default() as u32, length as u32))
}

#[wasm_bindgen]
extern "C" {
    // By hand, as web-sys has them without `catch`, or as types of more than is used here.
    type TransformStream;

    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<TransformStream, JsValue>;

    type Readable;

    #[wasm_bindgen(method, structural, catch)]
    fn stream(this: &Readable) -> Result<JsValue, JsValue>;

    type Writable;

    #[wasm_bindgen(method, structural, catch, js_name = getWriter)]
    fn get_writer(this: &Writable) -> Result<Writer, JsValue>;

    type Writer;

    #[wasm_bindgen(method, structural, catch)]
    fn write(this: &Writer, chunk: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn close(this: &Writer) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn abort(this: &Writer) -> Result<JsValue, JsValue>;
}

//! The reply where the platform parsed it: looked at member by member, and made certain. It may be anything, proxies of a
//! caller's `fetch` included.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::value::{all_have, copy, get, is_array, is_there, own, set};
use crate::core::response::{FileStatus, Json, Kind};

#[wasm_bindgen]
extern "C" {
    /// The members that every reply is asked for; engines find them faster than by a name that varies.
    type Reply;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn status(this: &Reply) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn files(this: &Reply) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn error(this: &Reply) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = values)]
    fn values_of(value: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub(crate) fn keys_of(value: &JsValue) -> Result<Array, JsValue>;

    type List;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn length(this: &List) -> Result<u32, JsValue>;

    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn at(this: &List, index: u32) -> Result<JsValue, JsValue>;
}

/// A parsed JSON value that stays in JavaScript.
#[derive(Clone)]
pub(crate) struct Parsed(pub(crate) JsValue);

impl Json for Parsed {
    fn kind(&self) -> Kind {
        let value = &self.0;
        if value.is_object() {
            if is_array(value) { Kind::Array } else { Kind::Object }
        } else if value.is_string() {
            Kind::Text
        } else if value.is_null()
            || value.is_undefined()
            || value.as_bool() == Some(false)
            || value.as_f64() == Some(0.0)
        {
            Kind::Nothing
        } else {
            Kind::Scalar
        }
    }

    fn member(&self, name: &'static str) -> Option<Self> {
        let reply = self.0.unchecked_ref::<Reply>();
        let member = match name {
            _ if all_have(name) => own(&self.0, name).unwrap_or_default(),
            "status" => reply.status().unwrap_or_default(),
            "files" => reply.files().unwrap_or_default(),
            "error" => reply.error().unwrap_or_default(),
            _ => get(&self.0, name),
        };
        is_there(&member).then_some(Self(member))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool {
        let Some(files) = Files::of(&self.0) else { return false };
        let mut many = 0;
        let mut latest = Status::default();
        let all = files.each(|status, is_new, _| {
            if is_new && many > 0 {
                visit(latest.meaning(), many);
                many = 0;
            }
            if many == 0 {
                latest = status.clone();
            }
            many += 1;
        });
        if many > 0 {
            visit(latest.meaning(), many);
        }
        all
    }
}

/// A file's status as JavaScript has it.
#[derive(Clone, Default, PartialEq)]
pub(crate) enum Status {
    Text(JsValue),
    NoText,
    #[default]
    NoFile,
}

impl Status {
    /// That of a file, where it is another than its neighbour's. Files are many: whether all objects have one is asked once.
    fn other_than(latest: &Self, file: &JsValue, all_have_one: bool) -> Option<Self> {
        let status = if all_have_one { own(file, "status") } else { file.unchecked_ref::<Reply>().status() };
        if let (Ok(status), Self::Text(latest)) = (&status, latest)
            && status == latest
        {
            return None;
        }
        let status = match status {
            _ if !file.is_object() || is_array(file) => Self::NoFile,
            Ok(status) if status.is_string() => Self::Text(status),
            _ => Self::NoText,
        };
        (status != *latest).then_some(status)
    }

    fn meaning(&self) -> FileStatus {
        match self {
            Self::Text(status) => FileStatus::Text(status.as_string().unwrap_or_default()),
            Self::NoText => FileStatus::NoText,
            Self::NoFile => FileStatus::NoFile,
        }
    }
}

/// A list of files, as far as it can be had.
pub(crate) struct Files(List);

impl Files {
    /// A list, or those that are an object's values; `None` where this is neither, or they cannot be had.
    pub(crate) fn of(value: &JsValue) -> Option<Self> {
        if is_array(value) {
            return Some(Self(value.clone().unchecked_into()));
        }
        let values = if value.is_object() { values_of(value).ok()? } else { return None };
        Some(Self(values.unchecked_into()))
    }

    /// Shows each file with its status, and whether that is another than the file's before; false where one cannot be had.
    pub(crate) fn each(&self, mut visit: impl FnMut(&Status, bool, &JsValue)) -> bool {
        let Ok(length) = self.0.length() else { return false };
        let (mut latest, all_have_one) = (Status::default(), all_have("status"));
        for index in 0..length {
            let Ok(file) = self.0.at(index) else { return false };
            let other = Status::other_than(&latest, &file, all_have_one);
            let is_new = index == 0 || other.is_some();
            latest = other.unwrap_or(latest);
            visit(&latest, is_new, &file);
        }
        true
    }
}

/// Sets `done` and `files` on the parsed reply itself and returns it; a copy only where it refuses them, being frozen.
pub(crate) fn made_certain(reply: JsValue, done: bool) -> JsValue {
    if set_certain(&reply, done) {
        return reply;
    }
    let copy: JsValue = copy(&reply).into();
    set_certain(&copy, done);
    copy
}

fn set_certain(reply: &JsValue, done: bool) -> bool {
    let files = own(reply, "files").unwrap_or_default();
    (is_array(&files) || set(reply, "files", &keyed_files(&files))) && set(reply, "done", &done.into())
}

/// `files` as an object: its values, the key filling a missing `fileId`.
fn keyed_files(files: &JsValue) -> JsValue {
    let keys = if files.is_object() { keys_of(files).unwrap_or_default() } else { Array::new() };
    let list = Array::new();
    for key in keys {
        let file = js_sys::Reflect::get(files, &key).unwrap_or_default();
        if file.is_object() && !is_there(&get(&file, "fileId")) {
            set(&file, "fileId", &key);
        }
        list.push(&file);
    }
    list.into()
}

//! An upload on its way: what the code that sends it and the code that waits for it both know.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::client::call::next_number;
use crate::client::control::Control;
use crate::client::error::Error;
use crate::client::session::Session;
use crate::client::waiter::Failed;
use crate::core::arrival::Arrival;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure};
use crate::core::events::{Ending, Event, Kind};
use crate::web::clock;

/// An upload on its way.
pub(super) struct UploadCall {
    pub(super) session: Rc<Session>,
    pub(super) control: Rc<Control>,
    number: u32,
    /// Of which the id is empty until there is one.
    pub(super) batch: RefCell<Batch>,
    pub(super) started_at: f64,
    /// How far the files have come, should it end now.
    pub(super) arrival: Cell<Arrival>,
    pub(super) attempts: Cell<u32>,
    /// Of the response, once its head is there; 0 until then.
    pub(super) http_status: Cell<u16>,
}

impl UploadCall {
    pub(super) fn new(session: &Rc<Session>, control: Rc<Control>, batch: Batch) -> Self {
        Self {
            session: session.clone(),
            control,
            number: next_number(),
            batch: RefCell::new(batch),
            started_at: clock::now(),
            arrival: Cell::new(Arrival::NotTaken),
            attempts: Cell::default(),
            http_status: Cell::default(),
        }
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        self.batch.borrow().endpoint
    }

    pub(super) fn emit(&self, kind: Kind, attempt: Option<u32>) {
        let batch = self.batch.borrow().clone();
        self.session.emit(&Event { kind, batch: &batch, poll_id: self.number, attempt, is_upload: true });
    }

    /// What it has come to, with what is known of it. `None`: nobody wants it any more.
    pub(super) fn settled(&self, result: Option<Result<JsValue, Error>>) -> Result<JsValue, Error> {
        let ending = Ending::of(result.as_ref().map(|result| result.as_ref().map_err(Error::code)));
        let elapsed_ms = clock::now() - self.started_at;
        self.emit(Kind::Settled { ending, attempts: self.attempts.get(), elapsed_ms }, None);
        result.unwrap_or_else(|| Err(Error::closed())).map_err(|error| self.complete(error))
    }

    /// The error as that of this upload, or of what follows it.
    pub(super) fn complete(&self, error: Error) -> Error {
        let url = self.session.config.upload_url(self.endpoint());
        error.about(&self.batch.borrow(), Some(url)).uploading(self.arrival.get())
    }

    /// A failure of its own, in words that fit an upload.
    pub(super) fn failed(&self, code: Code) -> Failed {
        let detail = match code {
            Code::Network => Some(
                "The upload got no answer. Check the connection and baseUrl; in a browser, also that the server allows this origin (CORS).",
            ),
            Code::RequestTimeout => Some("The upload took longer than uploadTimeoutMs."),
            Code::Server => Some("The server failed to answer the upload."),
            _ => None,
        };
        let detail = detail.map(Into::into);
        // A limit that is over says nothing of the response.
        let http_status = Some(self.http_status.get()).filter(|status| *status != 0 && code != Code::RequestTimeout);
        (Failure { endpoint: Some(self.endpoint()), http_status, detail, ..Failure::new(code) }.into(), None)
    }
}

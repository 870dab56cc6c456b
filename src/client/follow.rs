//! A classification with its linked extractions followed: each linked batch is one more poll, whose files join theirs.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::control::{Control, Controlled};
use super::driver::start_alone;
use super::error::Error;
use super::options::{CallArguments, Hints};
use super::progress::{Listener, Update};
use super::running::Running;
use super::session::Session;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::Code;
use crate::core::fields::Fields;
use crate::core::poll::{Plan, Saved};
use crate::core::response::Counts;
use crate::web::reply::Files;
use crate::web::task::{self, Handle};
use crate::web::value::{get, object, own, set, text};

/// Starts the classification. The listener receives the progress of the whole.
pub(crate) fn follow(
    session: &Rc<Session>,
    arguments: CallArguments,
    saved: Option<Saved>,
    listener: Option<Listener>,
) -> (Running, Controlled) {
    let entry = session.enter();
    let following = Rc::new(Following {
        session: session.clone(),
        arguments: arguments.clone(),
        listener,
        control: entry.control.clone(),
        state: RefCell::default(),
    });
    let observer = following.clone();
    let listener: Listener = Rc::new(move |update, _| observer.on_update(update));
    let (call, mut first) = start_alone(session, arguments, saved, Some(listener));
    let running = Running::new(entry.control.clone(), call.clone());
    following.state.borrow_mut().running = Some(running.clone());
    let control = entry.control.clone();
    let settle_by = call.wish().give_up_at;
    let run = Box::pin(async move {
        let (_entry, following) = (entry, EndOnDrop(following));
        let mut results = None;
        std::future::poll_fn(|context| {
            if results.is_none()
                && let Poll::Ready(result) = std::pin::Pin::new(&mut first).poll(context)
            {
                results = Some(result?);
            }
            following.0.poll_links(results.is_some(), context).map_ok(|()| results.take().unwrap_or_default())
        })
        .await
    });
    // Each of its polls reports its own end.
    let complete = move |result: Option<Result<JsValue, Error>>| {
        result.unwrap_or_else(|| Err(Error::closed())).map_err(|error| call.complete(error))
    };
    (running, control.run(run, settle_by, Box::new(complete)))
}

/// Ends the links' polls with whatever led to them.
struct EndOnDrop(Rc<Following>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        // Out of the list first, as ending one may reach the list again.
        let state = self.0.state.take();
        drop(state);
    }
}

struct Following {
    session: Rc<Session>,
    /// Of the classification.
    arguments: CallArguments,
    listener: Option<Listener>,
    /// Of the whole.
    control: Rc<Control>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    links: Vec<Link>,
    latest: Option<Update>,
    attempt: u32,
    elapsed_ms: f64,
    /// What ends the whole.
    failure: Option<Error>,
    waker: Option<Waker>,
}

/// A linked batch.
struct Link {
    extraction_id: String,
    batch_id: String,
    /// The files that wait for it.
    held: Vec<JsValue>,
    /// Once it has settled: what joins its files.
    joined: Option<Joined>,
    _poll: Option<Handle>,
}

#[derive(Clone)]
enum Joined {
    /// The finished results of the linked batch.
    Results(JsValue),
    /// Why there are none.
    Failed(String),
}

impl Following {
    /// The classification reports a reply.
    fn on_update(self: &Rc<Self>, update: Update) -> Result<(), Error> {
        let mut fresh = Vec::new();
        let mut state = self.state.borrow_mut();
        state.attempt += u32::from(!update.is_first);
        state.elapsed_ms = state.elapsed_ms.max(update.elapsed_ms);
        for file in update.new_files.iter() {
            let Some((extraction_id, batch_id)) = link_of(&file) else { continue };
            match state.links.iter_mut().find(|link| link.is(&extraction_id, &batch_id)) {
                Some(link) => match link.joined {
                    Some(_) => {}
                    None => link.held.push(file),
                },
                None => {
                    fresh.push(state.links.len());
                    state.links.push(Link { extraction_id, batch_id, held: vec![file], joined: None, _poll: None });
                }
            }
        }
        let new_files = update.new_files.clone();
        state.latest = Some(update);
        drop(state);
        self.report(new_files)?;
        for index in fresh {
            self.start_link(index);
        }
        Ok(())
    }

    fn start_link(self: &Rc<Self>, index: usize) {
        let state = self.state.borrow();
        let Some(link) = state.links.get(index) else { return };
        let begun_ms = state.elapsed_ms;
        let Plan { timeout_ms, .. } = self.arguments.plan;
        let arguments = CallArguments {
            batch: Batch {
                endpoint: Endpoint::Extraction,
                template_id: link.extraction_id.clone(),
                batch_id: link.batch_id.clone(),
                file_id: None,
            },
            plan: Plan { timeout_ms: (timeout_ms - begun_ms).max(1.0), initial_delay_ms: 0.0, ..self.arguments.plan },
            hints: Hints { expected_files: link.held.len() as f32, ..self.arguments.hints },
            follows: false,
            ..self.arguments.clone()
        };
        drop(state);
        let observer = self.clone();
        let listener: Listener = Rc::new(move |update, _| observer.on_link_update(begun_ms, &update));
        let (call, result) = start_alone(&self.session, arguments, None, Some(listener));
        let following = self.clone();
        let poll = task::spawn(Box::pin(async move {
            let result = result.await;
            if let Err(error) = following.settle(index, result) {
                following.state.borrow_mut().failure.get_or_insert(error);
            }
            let waker = following.state.borrow_mut().waker.take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }));
        let mut state = self.state.borrow_mut();
        if let Some(running) = &state.running {
            running.add(call);
        }
        match state.links.get_mut(index) {
            Some(link) => link._poll = Some(poll),
            // All of it has ended meanwhile.
            None => drop(poll),
        }
    }

    /// A linked batch reports a reply.
    fn on_link_update(&self, begun_ms: f64, update: &Update) -> Result<(), Error> {
        if update.is_first {
            return Ok(()); // It says nothing about the whole.
        }
        let mut state = self.state.borrow_mut();
        state.attempt += 1;
        state.elapsed_ms = state.elapsed_ms.max(begun_ms + update.elapsed_ms);
        if get(&update.results, "done").is_truthy() {
            return Ok(());
        }
        if let Some(latest) = &mut state.latest {
            (latest.next_poll_in_ms, latest.queue_position) = (update.next_poll_in_ms, update.queue_position);
        }
        drop(state);
        self.report(Array::new())
    }

    /// A linked batch has ended. Its own failure is reported on its files; what ends everything (an abort, a close, a callback's
    /// exception) is not its own.
    fn settle(&self, index: usize, result: Result<JsValue, Error>) -> Result<(), Error> {
        let joined = match result {
            Ok(results) => Joined::Results(results),
            Err(error) if matches!(error.code(), Code::Closed | Code::Thrown) => return Err(error),
            Err(error) => Joined::Failed([error.code().as_str(), ": ", &error.to_string()].concat()),
        };
        let mut state = self.state.borrow_mut();
        let Some(link) = state.links.get_mut(index) else { return Ok(()) };
        link.joined = Some(joined);
        let files = std::mem::take(&mut link.held).into_iter().collect();
        if let Some(latest) = &mut state.latest {
            latest.next_poll_in_ms = None;
            set(&latest.results, "done", &(latest.counts.pending == 0).into());
        }
        drop(state);
        self.report(files)
    }

    /// Reports the progress of the whole.
    fn report(&self, files: Array) -> Result<(), Error> {
        let state = self.state.borrow();
        let Some(latest) = &state.latest else { return Ok(()) };
        if let Some(files) = Files::of(&get(&latest.results, "files")) {
            files.each(|_, _, file| {
                state.complete(file);
            });
        }
        let waiting = state.links.iter().map(|link| link.held.len() as u32).sum();
        if waiting > 0 {
            set(&latest.results, "done", &false.into());
        }
        let Some(listener) = &self.listener else { return Ok(()) };
        let Counts { total, processed, failed, pending } = latest.counts;
        let update = Update {
            attempt: state.attempt,
            elapsed_ms: state.elapsed_ms,
            counts: Counts { total, processed: processed.saturating_sub(waiting), failed, pending: pending + waiting },
            new_files: files.into_iter().filter(|file| state.complete(file)).collect(),
            ..latest.clone()
        };
        drop(state);
        listener(update, &self.control)?;
        self.control.check()
    }

    /// Whether all links have settled, and there will be no more.
    fn poll_links(&self, are_all: bool, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut state = self.state.borrow_mut();
        if let Some(failure) = state.failure.take() {
            return Poll::Ready(Err(failure));
        }
        if are_all && state.links.iter().all(|link| link.joined.is_some()) {
            return Poll::Ready(Ok(()));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl State {
    /// Joins to the file what its link brought. False while that is still to come.
    fn complete(&self, file: &JsValue) -> bool {
        let Some((extraction_id, batch_id)) = link_of(file) else { return true };
        let joined =
            self.links.iter().find(|link| link.is(&extraction_id, &batch_id)).and_then(|link| link.joined.as_ref());
        match joined {
            None => return false,
            Some(Joined::Failed(why)) => set(file, "extracted", &failed(why)),
            Some(Joined::Results(results)) => {
                let found = pick(results, file);
                set(file, "extracted", &found.unwrap_or_else(|| failed("The linked extraction has no such file.")))
            }
        };
        true
    }
}

impl Link {
    fn is(&self, extraction_id: &str, batch_id: &str) -> bool {
        self.extraction_id == extraction_id && self.batch_id == batch_id
    }
}

fn failed(why: &str) -> JsValue {
    let mut fields = Fields::default();
    fields.text("status", "failed");
    fields.text("error", why);
    object(&fields)
}

/// The batch that a file links to.
fn link_of(file: &JsValue) -> Option<(String, String)> {
    if text(file, "status").as_deref() == Some("failed") {
        return None;
    }
    let link = own(file, "extraction").ok()?;
    let id = |name| own(&link, name).ok()?.as_string().filter(|id| !id.is_empty());
    Some((id("extractionId")?, id("batchId")?))
}

/// The file of the linked batch that belongs to `file`: by id, else by name, else the only one.
fn pick(results: &JsValue, file: &JsValue) -> Option<JsValue> {
    let link = own(file, "extraction").ok()?;
    let id = own(&link, "fileId").ok()?.as_string().filter(|id| !id.is_empty());
    let name = text(file, "fileName").filter(|name| !name.is_empty());
    let mut possible = Vec::new();
    Files::of(&get(results, "files"))?.each(|_, _, other| {
        let other_id = text(other, "fileId").filter(|id| !id.is_empty());
        if id.is_none() || other_id.is_none() || id == other_id {
            possible.push((other_id, text(other, "fileName"), other.clone()));
        }
    });
    let found = possible
        .iter()
        .find(|(other, _, _)| id.is_some() && *other == id)
        .or_else(|| possible.iter().find(|(_, other, _)| name.is_some() && *other == name))
        .or(if possible.len() == 1 { possible.first() } else { None });
    found.map(|(_, _, file)| file.clone())
}

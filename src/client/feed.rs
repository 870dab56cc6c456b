//! The progress of a poll, for whoever iterates it.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Array;

use super::progress::{Listener, Update};

/// What was not yet taken of a poll's progress. `E` is what its error has become by the time it is reported.
pub(crate) struct Feed<E> {
    unread: RefCell<Option<Update>>,
    /// The last that came, taken or not.
    latest: RefCell<Option<Update>>,
    /// Once the poll has ended: its error, until that is reported.
    end: RefCell<Option<Option<E>>>,
    readers: RefCell<Vec<Waker>>,
}

impl<E: 'static> Feed<E> {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            unread: RefCell::default(),
            latest: RefCell::default(),
            end: RefCell::new(None),
            readers: RefCell::default(),
        })
    }

    /// Takes in each progress, after `listener` received it. What that throws goes to the poll.
    pub(crate) fn listener(self: &Rc<Self>, listener: Option<Listener>) -> Listener {
        let feed = self.clone();
        Rc::new(move |update, control| {
            feed.latest.replace(Some(update.clone()));
            if let Some(listener) = &listener {
                listener(update.clone(), control)?;
            }
            feed.put(update);
            Ok(())
        })
    }

    /// One that nobody took is replaced, its new files passed on: a slow reader misses no file, and memory stays bounded.
    fn put(&self, mut update: Update) {
        let mut unread = self.unread.borrow_mut();
        if let Some(missed) = unread.take() {
            let files: Array = missed.new_files.concat(&update.new_files);
            update.new_files = files;
        }
        *unread = Some(update);
        drop(unread);
        self.wake();
    }

    /// The last progress, if there was any.
    pub(crate) fn latest(&self) -> Option<Update> {
        self.latest.borrow().clone()
    }

    /// The poll has ended, with an error or without.
    pub(crate) fn end(&self, error: Option<E>) {
        self.end.borrow_mut().get_or_insert(error);
        self.wake();
    }

    /// The next progress, the error that the poll ended with, or `None` at the end.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Result<Update, E>>> {
        if let Some(update) = self.unread.borrow_mut().take() {
            return Poll::Ready(Some(Ok(update)));
        }
        if let Some(error) = &mut *self.end.borrow_mut() {
            return Poll::Ready(error.take().map(Err));
        }
        self.readers.borrow_mut().push(context.waker().clone());
        Poll::Pending
    }

    fn wake(&self) {
        let readers = self.readers.take();
        for reader in readers {
            reader.wake();
        }
    }
}

//! Starting a call: alone, or with the linked extractions that it leads to.

use std::rc::Rc;

use super::control::Controlled;
use super::driver::start_alone;
use super::follow::follow;
use super::options::CallArguments;
use super::progress::Listener;
use super::running::Running;
use super::session::Session;
use crate::core::batch::Endpoint;
use crate::core::poll::Saved;

/// Begins a call, or goes on with the poll that was saved: what reaches it while it runs, and what it comes to.
pub(crate) fn start(
    session: &Rc<Session>,
    arguments: CallArguments,
    saved: Option<Saved>,
    listener: Option<Listener>,
) -> (Running, Controlled) {
    if arguments.follows && arguments.batch.endpoint == Endpoint::Classification {
        return follow(session, arguments, saved, listener);
    }
    let (call, result) = start_alone(session, arguments, saved, listener);
    (Running::new(call.control().clone(), call), result)
}

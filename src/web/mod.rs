//! The platform: what the client needs of JavaScript, in any global scope. A few dozen lines for each part, over web-sys, js-sys
//! and gloo-timers; whatever a part begins, dropping it ends.

pub(crate) mod abort;
pub(crate) mod clock;
pub(crate) mod fetch;
pub(crate) mod form;
pub(crate) mod promise;
pub(crate) mod realm;
pub(crate) mod reply;
pub(crate) mod task;
pub(crate) mod timer;
pub(crate) mod value;
pub(crate) mod visibility;

/// A future of something that belongs to one thread, as all that JavaScript gives does.
pub type LocalFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

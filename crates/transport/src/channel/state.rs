//! What a channel and the task of its connection share.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use h2::Reason;
use tokio::sync::SetOnce;

use super::CloseReason;

/// The state of a connection.
#[derive(Debug, Default)]
pub(crate) struct ConnectionState {
    /// The error that ended the connection: its streams report only that it ended.
    close_reason: SetOnce<CloseReason>,
    responded: AtomicBool,
    drained: AtomicBool,
    open_calls: AtomicUsize,
}

impl ConnectionState {
    /// Records the error that ended the connection.
    pub(crate) fn close(&self, error: &(dyn Error + 'static)) {
        // Only the first error counts.
        let _ = self.close_reason.set(CloseReason::new(error));
    }

    /// The error that ended the connection, if any.
    pub(crate) fn close_reason(&self) -> Option<&CloseReason> {
        self.close_reason.get()
    }

    /// The HTTP/2 error code that the peer sent, if it sent one.
    pub(crate) fn close_code(&self) -> Option<Reason> {
        self.close_reason().and_then(|reason| reason.code)
    }

    /// Whether a call is open.
    pub(crate) fn has_calls(&self) -> bool {
        self.open_calls.load(Ordering::Relaxed) > 0
    }

    /// Waits until the connection has ended with an error.
    pub(super) async fn closed(&self) -> CloseReason {
        self.close_reason.wait().await.clone()
    }

    /// The server has sent a GOAWAY without an error. A later error of the connection
    /// would hide that.
    pub(super) fn drain(&self) {
        self.drained.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_drained(&self) -> bool {
        self.drained.load(Ordering::Relaxed)
    }

    /// A response has arrived.
    pub(super) fn responded(&self) {
        self.responded.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_responded(&self) -> bool {
        self.responded.load(Ordering::Relaxed)
    }
}

/// Counts as an open call until it is dropped.
#[derive(Debug)]
pub(super) struct OpenCall(Arc<ConnectionState>);

impl OpenCall {
    pub(super) fn new(state: &Arc<ConnectionState>) -> Self {
        state.open_calls.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(state))
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.open_calls.fetch_sub(1, Ordering::Relaxed);
    }
}

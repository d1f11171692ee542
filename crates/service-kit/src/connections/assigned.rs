//! Which worker has a connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A connection of a worker, until this is dropped.
#[derive(Debug)]
pub(crate) struct Assigned(Arc<AtomicUsize>);

impl Assigned {
    /// Counts a connection of the worker that has so many.
    pub(crate) fn to(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Assigned {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

//! The limit of requests in flight.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{registry::Registry, state::ConnectionState};

/// The requests in flight of all connections.
#[derive(Debug)]
pub(crate) struct Requests {
    limit: usize,
    in_flight: AtomicUsize,
    registry: Arc<Registry>,
}

/// A request in flight: from its head until its response has been sent.
#[derive(Debug)]
pub(crate) struct InFlight {
    requests: Arc<Requests>,
    /// Its connection.
    pub(crate) connection: Arc<ConnectionState>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.requests.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.connection.end_request();
    }
}

impl Requests {
    pub(crate) fn new(limit: u32, registry: Arc<Registry>) -> Self {
        Self {
            limit: limit as usize,
            in_flight: AtomicUsize::new(0),
            registry,
        }
    }

    /// Whether requests may be refused.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) >= self.limit / 2
    }

    /// Starts a request of this connection; `None` if there are too many.
    ///
    /// The first half of the limit is for any connection. The second half is shared
    /// equally, and each connection may have one request in any case: connections
    /// that hold many requests then do not shut out the others.
    pub(crate) fn start(self: &Arc<Self>, connection: &Arc<ConnectionState>) -> Option<InFlight> {
        connection.start_request();
        let others = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let request = InFlight {
            requests: Arc::clone(self),
            connection: Arc::clone(connection),
        };
        let half = self.limit / 2;
        if others < half {
            return Some(request);
        }
        let share = half / self.registry.len().max(1);
        let (_, of_connection) = connection.requests();
        (of_connection <= share.max(1)).then_some(request)
    }
}

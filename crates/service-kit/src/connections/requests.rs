//! The limit of requests in flight.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::state::ConnectionState;

/// Requests in flight that each connection may have in any case.
const MIN_SHARE: usize = 4;

/// Requests in flight of a connection that has been served, even above its share.
const BURST: usize = 16;

/// The requests in flight of all connections.
#[derive(Debug)]
pub(crate) struct Requests {
    limit: usize,
    in_flight: AtomicUsize,
    /// Those above the share of their connection.
    bursts: AtomicUsize,
    /// The connections that have requests in flight.
    active: AtomicUsize,
}

/// A request in flight: from its head until its response has been sent.
#[derive(Debug)]
pub(crate) struct InFlight {
    requests: Arc<Requests>,
    /// Whether it is above the share of its connection.
    burst: bool,
    /// Its connection.
    pub(crate) connection: Arc<ConnectionState>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.requests.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.burst {
            self.requests.bursts.fetch_sub(1, Ordering::Relaxed);
        }
        if self.connection.end_request() == 0 {
            self.requests.active.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Requests {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit: limit as usize,
            in_flight: AtomicUsize::new(0),
            bursts: AtomicUsize::new(0),
            active: AtomicUsize::new(0),
        }
    }

    /// The requests in flight, and their limit.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        (self.in_flight.load(Ordering::Relaxed), self.limit)
    }

    /// Whether requests may be refused.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) >= self.limit / 2
    }

    /// Starts a request of this connection; `None` if there are too many.
    ///
    /// The first half of the limit is for any connection. The second half is shared
    /// equally by the connections that have requests, and each may have a few in any
    /// case: connections that hold many requests then do not shut out the others.
    /// A quarter above the limit is for connections whose requests end: a client
    /// whose requests arrive together, after a pause, is served in spite of others
    /// that hold theirs.
    pub(crate) fn start(self: &Arc<Self>, connection: &Arc<ConnectionState>) -> Option<InFlight> {
        let of_connection = connection.start_request();
        if of_connection == 1 {
            self.active.fetch_add(1, Ordering::Relaxed);
        }
        let others = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let mut request = InFlight {
            requests: Arc::clone(self),
            burst: false,
            connection: Arc::clone(connection),
        };
        if of_connection <= MIN_SHARE || self.has_room(of_connection, others) {
            return Some(request);
        }
        if of_connection <= BURST && connection.has_been_served() {
            request.burst = true;
            if self.bursts.fetch_add(1, Ordering::Relaxed) < self.limit / 4 {
                return Some(request);
            }
        }
        connection.refuse_request();
        None
    }

    fn has_room(&self, of_connection: usize, others: usize) -> bool {
        let half = self.limit / 2;
        let share = || half / self.active.load(Ordering::Relaxed).max(1);
        others < half || (others < self.limit && of_connection <= share())
    }
}

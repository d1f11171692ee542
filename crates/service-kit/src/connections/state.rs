//! What the parts of one connection share: its IO, its requests, and the list of
//! open connections.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

/// One connection's protocol, requests and unsent data.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    activity: Mutex<Activity>,
    close: CancellationToken,
}

#[derive(Debug)]
struct Activity {
    http2: bool,
    closing: bool,
    /// How many requests the connection has had.
    started: u64,
    in_flight: usize,
    /// When the last request ended; at first, when the connection opened.
    idle_since: Instant,
    next_chunk: u64,
    /// When the last byte of each chunk that waits for the peer was sent.
    unsent: BTreeMap<u64, Instant>,
}

impl ConnectionState {
    pub(crate) fn new() -> Self {
        let activity = Activity {
            http2: false,
            closing: false,
            started: 0,
            in_flight: 0,
            idle_since: Instant::now(),
            next_chunk: 0,
            unsent: BTreeMap::new(),
        };
        Self {
            activity: Mutex::new(activity),
            close: CancellationToken::new(),
        }
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.activity().http2
    }

    pub(crate) fn set_http2(&self) {
        self.activity().http2 = true;
    }

    /// How many requests the connection has had, and how many are in flight.
    pub(crate) fn requests(&self) -> (u64, usize) {
        let activity = self.activity();
        (activity.started, activity.in_flight)
    }

    pub(crate) fn start_request(&self) {
        let mut activity = self.activity();
        activity.started += 1;
        activity.in_flight += 1;
    }

    pub(crate) fn end_request(&self) {
        let mut activity = self.activity();
        activity.in_flight -= 1;
        activity.idle_since = Instant::now();
    }

    /// Since when the connection has had no request in flight.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let activity = self.activity();
        (activity.in_flight == 0 && !activity.closing).then_some(activity.idle_since)
    }

    /// Records data that is to be sent; returns its number.
    pub(crate) fn add_unsent(&self) -> u64 {
        let mut activity = self.activity();
        let chunk = activity.next_chunk;
        activity.next_chunk += 1;
        activity.unsent.insert(chunk, Instant::now());
        chunk
    }

    /// Records that a part of the chunk has been sent.
    pub(crate) fn progress(&self, chunk: u64) {
        self.activity().unsent.insert(chunk, Instant::now());
    }

    /// Records that the chunk has been sent or dropped.
    pub(crate) fn remove_unsent(&self, chunk: u64) {
        self.activity().unsent.remove(&chunk);
    }

    /// Whether the peer has accepted no byte of some chunk for this time.
    pub(crate) fn is_stalled(&self, timeout: Duration) -> bool {
        let activity = self.activity();
        activity.unsent.values().any(|it| it.elapsed() >= timeout)
    }

    /// Closes the connection: reads end, and what is left is cut shortly after.
    pub(crate) fn close(&self) {
        self.activity().closing = true;
        self.close.cancel();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.activity().closing
    }

    /// Waits until the connection is to be closed.
    pub(crate) async fn closed(&self) {
        self.close.cancelled().await;
    }
}

//! What the parts of one connection share: its IO, its requests, and the list of
//! open connections.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    ending::{EndSignal, Ending},
    last_read::LastRead,
};

/// How long a connection is not idle because of its TLS handshake: that needs time of
/// both sides' processors, which may be busy.
const HANDSHAKE_TIME: Duration = Duration::from_millis(400);

/// One connection's protocol, requests and unsent data.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    activity: Mutex<Activity>,
    pub(crate) ending: EndSignal,
    pub(crate) last_read: LastRead,
}

#[derive(Debug)]
struct Activity {
    opened: Instant,
    /// `None` until the first bytes show it.
    http2: Option<bool>,
    /// Why the connection is being closed.
    closing: Option<&'static str>,
    /// Why the server ends it.
    ended: Option<&'static str>,
    /// How many requests the connection has had.
    started: u64,
    /// How many of them were refused.
    refused: u64,
    in_flight: usize,
    /// When the last request ended; at first, when the connection opened or its TLS
    /// handshake ended.
    idle_since: Instant,
    /// How many requests have response data that waits for the peer.
    unsent: usize,
    /// When the peer last accepted a part of one.
    progress: Instant,
}

impl Activity {
    fn has_been_served(&self) -> bool {
        self.started - self.refused > self.in_flight as u64
    }
}

impl ConnectionState {
    pub(crate) fn new(ending: Ending) -> Self {
        let activity = Activity {
            opened: Instant::now(),
            http2: None,
            closing: None,
            ended: None,
            started: 0,
            refused: 0,
            in_flight: 0,
            idle_since: Instant::now(),
            unsent: 0,
            progress: Instant::now(),
        };
        Self {
            activity: Mutex::new(activity),
            ending: EndSignal::new(ending),
            last_read: LastRead::default(),
        }
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the connection speaks HTTP/2; `None` until that is known.
    pub(crate) fn protocol(&self) -> Option<bool> {
        self.activity().http2
    }

    pub(crate) fn set_http2(&self, http2: bool) {
        self.activity().http2 = Some(http2);
    }

    /// How many requests the connection has had, and how many are in flight.
    pub(crate) fn requests(&self) -> (u64, usize) {
        let activity = self.activity();
        (activity.started, activity.in_flight)
    }

    /// Starts a request; returns how many are in flight.
    pub(crate) fn start_request(&self) -> usize {
        let mut activity = self.activity();
        activity.started += 1;
        activity.in_flight += 1;
        activity.in_flight
    }

    /// Whether a request of the connection has ended and was not refused.
    pub(crate) fn has_been_served(&self) -> bool {
        self.activity().has_been_served()
    }

    /// Records that a request is refused; it still has to end.
    pub(crate) fn refuse_request(&self) {
        self.activity().refused += 1;
    }

    /// Ends a request; returns how many are in flight.
    pub(crate) fn end_request(&self) -> usize {
        let mut activity = self.activity();
        activity.in_flight -= 1;
        activity.idle_since = Instant::now();
        activity.in_flight
    }

    /// Records that the TLS handshake starts.
    pub(crate) fn start_handshake(&self) {
        self.activity().idle_since += HANDSHAKE_TIME;
    }

    /// Records that the TLS handshake has ended.
    pub(crate) fn end_handshake(&self) {
        self.activity().idle_since = Instant::now();
    }

    /// Since when the connection has had no request in flight. In the future during a
    /// TLS handshake.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let activity = self.activity();
        (activity.in_flight == 0 && activity.closing.is_none()).then_some(activity.idle_since)
    }

    /// Records that a request has response data to be sent.
    pub(crate) fn add_unsent(&self) {
        let mut activity = self.activity();
        if activity.unsent == 0 {
            activity.progress = Instant::now();
        }
        activity.unsent += 1;
    }

    /// Records that the peer has accepted a part of a chunk.
    pub(crate) fn progress(&self) {
        self.activity().progress = Instant::now();
    }

    /// Records that the peer has accepted the response data of a request, or else that
    /// it was dropped.
    pub(crate) fn remove_unsent(&self, is_accepted: bool) {
        let mut activity = self.activity();
        activity.unsent -= 1;
        if is_accepted && activity.unsent > 0 {
            activity.progress = Instant::now();
        }
    }

    /// Since when the peer has accepted no data, although every request in flight
    /// waits for that. One stream that waits is no reason to close a connection that
    /// a gateway shares among its clients.
    pub(crate) fn stalled_since(&self) -> Option<Instant> {
        let activity = self.activity();
        let all_wait = activity.unsent > 0 && activity.unsent == activity.in_flight;
        (all_wait && activity.closing.is_none()).then_some(activity.progress)
    }

    /// Since when the connection has been open, if it has requests and none has ended
    /// yet: the peer may send their rest, or take their responses, as slowly as it wants.
    pub(crate) fn unserved_since(&self) -> Option<Instant> {
        let activity = self.activity();
        let unserved = activity.in_flight > 0 && !activity.has_been_served();
        (unserved && activity.closing.is_none()).then_some(activity.opened)
    }

    /// Closes the connection: reads end, and what is left is cut shortly after.
    pub(crate) fn close(&self, reason: &'static str) {
        self.activity().closing.get_or_insert(reason);
        self.ending.send(Ending::Close);
    }

    /// Records why the server ends the connection; the first reason stays.
    pub(crate) fn end(&self, reason: &'static str) {
        self.activity().ended.get_or_insert(reason);
    }

    /// Why the server closes or ends the connection, if it does.
    pub(crate) fn end_reason(&self) -> Option<&'static str> {
        let activity = self.activity();
        activity.closing.or(activity.ended)
    }

    /// Why the connection is being closed, if it is.
    pub(crate) fn closing(&self) -> Option<&'static str> {
        self.activity().closing
    }
}

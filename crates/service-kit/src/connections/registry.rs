//! The open connections of a listener, and which of them are closed to make room.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use telemetry::OpenConnections;

use super::{ending::Ending, state::ConnectionState};

/// A connection that has been idle for less is not closed to make room: it may
/// just be about to send its request.
const MIN_IDLE: Duration = Duration::from_millis(100);

/// A connection that is stalled, or has its first requests in flight, for less is
/// not closed to make room: its path or its calls may be slow.
const MIN_UNUSED: Duration = Duration::from_secs(2);

/// How many of these are closed at once: a connection with requests takes longer to
/// close than an idle one.
const UNUSED_AT_ONCE: usize = 64;

/// The open connections of a listener.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Connections>);

#[derive(Debug, Default)]
struct Connections {
    next: u64,
    open: HashMap<u64, Arc<ConnectionState>>,
    /// How all of them, and those to come, have to end.
    ending: Ending,
    /// Connections that were idle at the last search, the longest idle first.
    idle: VecDeque<Since>,
}

/// A connection, and since when it has been idle or stalled.
type Since = (Instant, Arc<ConnectionState>);

impl Connections {
    /// The connections that have been in a state for at least this time, the longest
    /// first.
    fn longest(
        &self,
        least: Duration,
        since: fn(&ConnectionState) -> Option<Instant>,
    ) -> VecDeque<Since> {
        let all = self.open.values();
        let mut found: Vec<_> = all
            .filter_map(|it| Some((since(it)?, Arc::clone(it))))
            .filter(|(since, _)| since.elapsed() >= least)
            .collect();
        found.sort_by_key(|(since, _)| *since);
        found.into()
    }
}

/// An open connection; it leaves the registry when this is dropped.
#[derive(Debug)]
pub(crate) struct Registered {
    registry: Arc<Registry>,
    number: u64,
    /// Its state.
    pub(crate) state: Arc<ConnectionState>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.registry.connections().open.remove(&self.number);
    }
}

impl Registry {
    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection.
    pub(crate) fn add(self: &Arc<Self>) -> Registered {
        let mut connections = self.connections();
        let state = Arc::new(ConnectionState::new(connections.ending));
        let number = connections.next;
        connections.next += 1;
        connections.open.insert(number, Arc::clone(&state));
        Registered {
            registry: Arc::clone(self),
            number,
            state,
        }
    }

    /// How many connections are open, by protocol.
    pub(crate) fn open(&self) -> OpenConnections {
        let mut open = OpenConnections::default();
        for connection in self.connections().open.values() {
            match connection.protocol() {
                None => open.unknown += 1,
                Some(false) => open.http1 += 1,
                Some(true) => open.http2 += 1,
            }
        }
        open
    }

    /// Makes room: closes the connection that has been idle for the longest time. If
    /// none is idle, closes some that are stalled, or of which no request has ended
    /// yet. Those that hold connections without using them then cannot keep others
    /// out.
    pub(crate) fn make_room(&self) {
        let mut connections = self.connections();
        if connections.idle.is_empty() {
            connections.idle = connections.longest(MIN_IDLE, ConnectionState::idle_since);
        }
        while let Some((since, connection)) = connections.idle.pop_front() {
            if connection.idle_since() == Some(since) {
                return connection.close("too_many_connections");
            }
        }
        let unused = connections.longest(MIN_UNUSED, |it| {
            it.stalled_since().or_else(|| it.unserved_since())
        });
        for (_, connection) in unused.iter().take(UNUSED_AT_ONCE) {
            connection.close("too_many_connections");
        }
    }

    /// Ends all connections in this way.
    pub(crate) fn end_all(&self, ending: Ending) {
        let mut connections = self.connections();
        connections.ending = connections.ending.max(ending);
        for connection in connections.open.values() {
            connection.ending.send(ending);
        }
    }

    /// Closes the connections whose peers have not accepted data for this time.
    pub(crate) fn close_stalled(&self, timeout: Duration) {
        for connection in self.connections().open.values() {
            let since = connection.stalled_since();
            if since.is_some_and(|since| since.elapsed() >= timeout) {
                connection.close("send_timeout");
            }
        }
    }
}

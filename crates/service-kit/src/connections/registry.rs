//! The open connections of a listener, and which of them are closed to make room.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::state::ConnectionState;

/// A connection that has been idle for less is not closed to make room: it may
/// just be about to send its request.
const MIN_IDLE: Duration = Duration::from_millis(100);

/// The open connections of a listener.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Connections>);

#[derive(Debug, Default)]
struct Connections {
    next: u64,
    open: HashMap<u64, Arc<ConnectionState>>,
    /// Connections that were idle at the last search, the longest idle first.
    idle: VecDeque<Arc<ConnectionState>>,
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
        let state = Arc::new(ConnectionState::new());
        let mut connections = self.connections();
        let number = connections.next;
        connections.next += 1;
        connections.open.insert(number, Arc::clone(&state));
        Registered {
            registry: Arc::clone(self),
            number,
            state,
        }
    }

    /// The number of open connections.
    pub(crate) fn len(&self) -> usize {
        self.connections().open.len()
    }

    /// Closes the connection that has been idle for the longest time, if any is
    /// idle. Those that hold connections without using them then cannot keep
    /// others out.
    pub(crate) fn close_longest_idle(&self) {
        let is_idle =
            |it: &ConnectionState| it.idle_since().is_some_and(|at| at.elapsed() >= MIN_IDLE);
        let mut connections = self.connections();
        if connections.idle.is_empty() {
            let all = connections.open.values();
            let mut idle: Vec<_> = all.filter(|it| is_idle(it)).cloned().collect();
            idle.sort_by_cached_key(|it| it.idle_since());
            connections.idle = idle.into();
        }
        while let Some(connection) = connections.idle.pop_front() {
            if is_idle(&connection) {
                return connection.close("too_many_connections");
            }
        }
    }

    /// Closes the connections whose peers have not accepted data for this time.
    pub(crate) fn close_stalled(&self, timeout: Duration) {
        for connection in self.connections().open.values() {
            if connection.is_stalled(timeout) {
                connection.close("send_timeout");
            }
        }
    }
}

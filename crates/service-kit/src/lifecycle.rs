//! A server's phases, which readiness and health checks report.

use tokio::sync::watch;

/// A phase between start and exit; phases only move forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not accepting requests yet.
    Starting,
    /// Accepting requests.
    Serving,
    /// Stopping: reports not ready, and still accepts requests.
    LameDuck,
    /// Accepts nothing more; finishes the requests in flight.
    Draining,
    /// Ends the streams that are still open; the connections are cut next.
    Closing,
}

/// A handle to a server's [`Phase`]; clones share it.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    phase: watch::Sender<Phase>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Starting),
        }
    }
}

impl Lifecycle {
    /// Whether the server is ready for new requests.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.phase.borrow() == Phase::Serving
    }

    /// A receiver of the current phase and of every change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Moves forward to `phase`; does nothing if the server is past it.
    pub fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let moves = phase > *now;
            *now = phase.max(*now);
            moves
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_ready_only_while_serving() {
        let lifecycle = Lifecycle::default();
        assert!(!lifecycle.is_ready());
        lifecycle.advance(Phase::Serving);
        assert!(lifecycle.is_ready());
        lifecycle.advance(Phase::LameDuck);
        assert!(!lifecycle.is_ready());
    }

    #[test]
    fn never_moves_back() {
        let lifecycle = Lifecycle::default();
        lifecycle.advance(Phase::Draining);
        lifecycle.advance(Phase::Serving);
        assert_eq!(*lifecycle.subscribe().borrow(), Phase::Draining);
    }
}

//! The phases of a server's life, which readiness and health follow.

use tokio::sync::watch;

/// Where a server is between its start and its end; phases only move forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not yet accepting requests.
    Starting,
    /// Accepting requests.
    Serving,
    /// Asked to stop: still accepting, but reporting not ready.
    Leaving,
    /// Accepting nothing; finishing what is in flight.
    Draining,
}

/// A handle on a server's [`Phase`]; clones share it.
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
    /// Whether new requests are welcome.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.phase.borrow() == Phase::Serving
    }

    /// A receiver that sees the present phase and every later one.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Moves on to `phase`; a phase that has passed does not come back.
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
        lifecycle.advance(Phase::Leaving);
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

//! Whether the server is stopping, as each request asks.

use tokio::sync::watch;

use crate::Phase;

/// The server's phase, as one connection sees it. Until the phase changes, the answer
/// takes no lock: the threads of all connections share the one of the phase.
#[derive(Debug)]
pub(crate) struct Stopping(watch::Receiver<Phase>);

impl Stopping {
    pub(crate) fn new(phase: &watch::Receiver<Phase>) -> Self {
        let mut phase = phase.clone();
        if *phase.borrow_and_update() >= Phase::LameDuck {
            phase.mark_changed();
        }
        Self(phase)
    }

    /// Whether the server is a lame duck or later.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.has_changed().unwrap_or(true) && *self.0.borrow() >= Phase::LameDuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lifecycle;

    #[test]
    fn has_begun_for_connections_before_and_after() {
        let lifecycle = Lifecycle::default();
        let phase = lifecycle.subscribe();
        let before = [Stopping::new(&phase), {
            lifecycle.advance(Phase::Serving);
            Stopping::new(&phase)
        }];
        assert!(!before.iter().any(Stopping::has_begun));
        lifecycle.advance(Phase::LameDuck);
        assert!(before.iter().all(Stopping::has_begun));
        assert!(Stopping::new(&phase).has_begun());
        lifecycle.advance(Phase::Draining);
        drop(lifecycle);
        assert!(before.iter().all(Stopping::has_begun));
        assert!(Stopping::new(&phase).has_begun());
    }
}

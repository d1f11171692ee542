//! Growing delays between attempts, and between dials.

use std::time::Duration;

use tokio::time::Instant;

use crate::Channel;

/// Delays that double from the first up to the longest.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// A backoff from `first` up to `longest`.
    #[must_use]
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            next: first,
        }
    }

    /// The delay before the next attempt.
    pub fn delay(&mut self) -> Duration {
        let delay = self.next;
        self.next = (delay * 2).min(self.longest);
        delay
    }

    /// Restarts at the first delay, after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Paces the dials to one server. A connection that ends early delays the next dial as
/// a failed dial does.
#[derive(Debug)]
pub struct DialPacer {
    backoff: Backoff,
    last_dial: Option<Instant>,
}

impl DialPacer {
    /// A pacer with delays from `first` up to `longest`.
    #[must_use]
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            backoff: Backoff::new(first, longest),
            last_dial: None,
        }
    }

    /// A dial begins.
    pub fn dialling(&mut self) {
        self.last_dial = Some(Instant::now());
    }

    /// A connection has ended. If the server has served calls on it and closed it in
    /// order, as at its maximum age, the next dial needs no delay.
    pub fn ended(&mut self, channel: &Channel) {
        if channel.is_drained() {
            self.last_dial = None;
            self.backoff.reset();
        }
    }

    /// The delay before the next dial. It counts from the start of the last dial, and
    /// restarts once that is longer ago than the longest delay.
    pub fn delay(&mut self) -> Duration {
        let Some(last) = self.last_dial else {
            return Duration::ZERO;
        };
        let elapsed = last.elapsed();
        if elapsed >= self.backoff.longest {
            self.backoff.reset();
            return Duration::ZERO;
        }
        self.backoff.delay().saturating_sub(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn paces_dials_from_their_start() {
        let mut dials = DialPacer::new(Duration::from_millis(100), Duration::from_secs(1));
        assert_eq!(dials.delay(), Duration::ZERO);
        dials.dialling();
        tokio::time::advance(Duration::from_millis(30)).await;
        assert_eq!(dials.delay().as_millis(), 70);
        assert_eq!(dials.delay().as_millis(), 170);
        // A connection that lived longer than the longest delay.
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(dials.delay(), Duration::ZERO);
        dials.dialling();
        assert_eq!(dials.delay().as_millis(), 100);
    }

    #[test]
    fn doubles_up_to_the_longest_delay() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(300));
        let delays: Vec<_> = (0..4).map(|_| backoff.delay().as_millis()).collect();
        assert_eq!(delays, [100, 200, 300, 300]);
        backoff.reset();
        assert_eq!(backoff.delay().as_millis(), 100);
    }
}

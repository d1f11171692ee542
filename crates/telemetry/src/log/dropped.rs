//! Counts the lines that were left out.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    over_rate: AtomicU64,
    not_read: AtomicU64,
}

/// The number of lines that were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DroppedLines {
    /// Those over the rate of the access log.
    pub over_rate: u64,
    /// Those that the reader of standard output was too slow for.
    pub not_read: u64,
}

impl Dropped {
    pub(super) fn count_over_rate(&self) {
        self.over_rate.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_not_read(&self) {
        self.not_read.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lines(&self) -> DroppedLines {
        DroppedLines {
            over_rate: self.over_rate.load(Ordering::Relaxed),
            not_read: self.not_read.load(Ordering::Relaxed),
        }
    }
}

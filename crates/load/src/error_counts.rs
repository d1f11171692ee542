//! The errors of each kind.

use std::{collections::BTreeMap, time::Duration};

use crate::{call_error::CallError, server_text::short};

/// The errors of one kind.
#[derive(Clone)]
pub(crate) struct ErrorCount {
    pub(crate) count: u64,
    /// When the first of them occurred, since the start of the measured time.
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    /// The message of the last one: while a server stays down, the first is the
    /// least specific.
    pub(crate) message: String,
}

/// The errors by their kind.
#[derive(Default)]
pub(crate) struct ErrorCounts(BTreeMap<&'static str, ErrorCount>);

impl ErrorCounts {
    pub(crate) fn record(&mut self, at: Duration, error: &CallError) {
        self.add_kind(
            error.kind,
            &ErrorCount {
                count: 1,
                first: at,
                last: at,
                message: short(&error.message),
            },
        );
    }

    /// Adds the counts of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, count) in other.iter() {
            self.add_kind(kind, count);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &ErrorCount)> {
        self.0.iter().map(|(kind, count)| (*kind, count))
    }

    fn add_kind(&mut self, kind: &'static str, more: &ErrorCount) {
        let Some(count) = self.0.get_mut(kind) else {
            self.0.insert(kind, more.clone());
            return;
        };
        count.count += more.count;
        count.first = count.first.min(more.first);
        if more.last >= count.last {
            count.last = more.last;
            count.message.clone_from(&more.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(seconds: &[u64]) -> ErrorCounts {
        let mut counts = ErrorCounts::default();
        for second in seconds {
            let error = CallError {
                kind: "UNAVAILABLE",
                message: format!("no\nway, {second}"),
            };
            counts.record(Duration::from_secs(*second), &error);
        }
        counts
    }

    #[test]
    fn keep_the_first_time_and_the_last_message() {
        let mut all = counts(&[2, 5]);
        all.add(&counts(&[1, 3]));
        let (kind, errors) = all.iter().next().unwrap();
        assert_eq!((kind, errors.count), ("UNAVAILABLE", 4));
        assert_eq!((errors.first.as_secs(), errors.last.as_secs()), (1, 5));
        assert_eq!(errors.message, "no\u{fffd}way, 5");
    }
}

//! The gRPC methods that may be values of a label.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

/// The value of a label for what the server does not know.
pub const OTHER: &str = "_OTHER";

/// Methods learned at most. A service that answers any method with OK could
/// otherwise be made to grow the metrics.
const MAX_LEARNED: usize = 64;

/// The methods of services that do not declare theirs: those of which a call has
/// succeeded.
#[derive(Debug, Default)]
pub(crate) struct KnownMethods(RwLock<HashSet<Box<str>>>);

impl KnownMethods {
    /// Whether this method is known; after a call that succeeded, it is.
    pub(crate) fn knows(&self, method: &str, succeeded: bool) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.contains(method) {
            return true;
        }
        let has_room = known.len() < MAX_LEARNED;
        drop(known);
        if !succeeded || !has_room {
            return false;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MAX_LEARNED {
            known.insert(method.into());
        }
        known.contains(method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_method_once_a_call_of_it_has_succeeded() {
        let known = KnownMethods::default();
        assert!(!known.knows("a.B/C", false));
        assert!(known.knows("a.B/C", true));
        assert!(known.knows("a.B/C", false));
    }

    #[test]
    fn learns_a_bounded_number() {
        let known = KnownMethods::default();
        let learned = (0..10_000).filter(|it| known.knows(&it.to_string(), true));
        assert_eq!(learned.count(), MAX_LEARNED);
    }
}

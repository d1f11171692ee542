//! Values of labels that have no fixed list, and their limit.

use std::sync::{PoisonError, RwLock};

use crate::OTHER;

/// Names at most; the code of a server has fewer routes and methods.
const MAX_NAMES: usize = 256;

/// What is kept for each name. Names are never removed, so they may be leaked.
#[derive(Debug)]
pub(super) struct Names<T>(RwLock<Vec<(&'static str, T)>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Names<T> {
    /// Uses what is kept for a name; beyond the limit, for [`OTHER`].
    pub(super) fn with<R>(
        &self,
        name: &str,
        new: impl Fn(&'static str) -> T,
        with: impl FnOnce(&'static str, &T) -> R,
    ) -> R {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // A few comparisons cost less than a hash.
        if let Some((name, value)) = names.iter().find(|(it, _)| *it == name) {
            return with(name, value);
        }
        drop(names);
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let name = if names.len() < MAX_NAMES { name } else { OTHER };
        let found = names.iter().position(|(it, _)| *it == name);
        let at = found.unwrap_or_else(|| {
            let name: &'static str = Box::leak(name.into());
            names.push((name, new(name)));
            names.len() - 1
        });
        let (name, value) = &names[at];
        with(name, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_names_is_bounded() {
        let names = Names::default();
        let name = |text: &str| names.with(text, |_| (), |name, ()| name);
        assert_eq!(name("/a"), "/a");
        for number in 0..10_000 {
            name(&number.to_string());
        }
        assert_eq!(name("/b"), OTHER);
        assert_eq!(name("/a"), "/a");
        assert_eq!(names.0.read().unwrap().len(), MAX_NAMES + 1);
    }
}

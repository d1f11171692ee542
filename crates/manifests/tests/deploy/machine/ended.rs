//! How a script ended.

use std::collections::BTreeMap;

/// How a script ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
    /// The calls of tools, without the paths of temporary folders.
    pub(crate) calls: Vec<String>,
    /// The files given to kubectl, by order and verb, and to helm, by name.
    pub(crate) files: BTreeMap<String, String>,
}

impl Run {
    pub(crate) fn last_line(&self) -> &str {
        self.errors.lines().last().unwrap_or_default()
    }

    pub(crate) fn called(&self, start: &str) -> usize {
        let calls = self.calls.iter();
        calls.filter(|call| call.starts_with(start)).count()
    }
}

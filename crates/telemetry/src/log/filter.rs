//! What is logged, and changing it while the process runs.

use std::{
    fmt::Display,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::{
    Registry,
    filter::{ParseError, Targets},
    reload::Handle,
};

use super::installed;

/// These libraries write lines that a peer can cause at will, for example one for
/// each PING acknowledgement that h2 did not ask for: 48 MB a second. A filter that
/// names one of them replaces its entry.
const SILENCED: &str = "axum=off,h2=off,hyper=off,rustls=off,tonic=off";

/// The level of a filter without text.
const DEFAULT: &str = "info";

/// The filter of an installed log.
#[derive(Debug)]
pub(super) struct Current {
    text: Mutex<String>,
    handle: Handle<Targets, Registry>,
}

impl Current {
    pub(super) fn new(text: &str, handle: Handle<Targets, Registry>) -> Self {
        Self {
            text: Mutex::new(or_default(text).to_owned()),
            handle,
        }
    }
}

/// Parses a filter.
///
/// # Errors
/// If it is none; the error quotes it, and names one that is.
pub(super) fn parse(text: &str) -> Result<Targets, String> {
    let refused = |cause: &dyn Display| {
        format!("{text:?} is not a filter; try info or info,hyper=debug: {cause}")
    };
    let entries = text.split(',').map(str::trim);
    let entries: Vec<_> = entries.filter(|it| !it.is_empty()).collect();
    // `Targets` accepts any text, and reads a missing level as ERROR.
    if let Some(other) = entries.iter().find(|it| !is_entry(it)) {
        return Err(refused(&format!(
            "{other:?} is no level and no target=level"
        )));
    }
    let entries = entries.join(",");
    format!("{SILENCED},{}", or_default(&entries))
        .parse()
        .map_err(|cause: ParseError| refused(&cause))
}

/// Whether an entry can be a level, a target, or a target with a level.
fn is_entry(entry: &str) -> bool {
    let (target, level) = entry.split_once('=').unwrap_or((entry, DEFAULT));
    let is_named = |char: char| char.is_alphanumeric() || "_:-".contains(char);
    !target.is_empty() && target.chars().all(is_named) && !level.is_empty()
}

fn or_default(text: &str) -> &str {
    match text.trim() {
        "" => DEFAULT,
        text => text,
    }
}

/// The current filter; `None` if the process has no log.
#[must_use]
pub fn current() -> Option<String> {
    let filter = &installed()?.filter;
    Some(
        filter
            .text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
    )
}

/// Checks that a text is a filter.
///
/// # Errors
/// If it is none.
pub fn check(text: &str) -> Result<(), String> {
    parse(text).map(drop)
}

/// Replaces the filter.
///
/// # Errors
/// If the text is not a filter, or the process has no log.
pub fn set(text: &str) -> Result<(), String> {
    let filter = parse(text)?;
    let current = installed()
        .map(|log| &log.filter)
        .ok_or("the process has no log")?;
    // Held until the filter is replaced, so that both belong together.
    let mut held = current.text.lock().unwrap_or_else(PoisonError::into_inner);
    current
        .handle
        .reload(filter)
        .map_err(|error| error.to_string())?;
    or_default(text).clone_into(&mut held);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The filter with its entries in the order of their names.
    fn parsed(text: &str) -> Vec<String> {
        let filter = parse(text).unwrap().to_string();
        let mut entries: Vec<_> = filter.split(',').map(str::to_owned).collect();
        entries.sort();
        entries
    }

    #[test]
    fn silences_libraries_unless_they_are_named() {
        let all = [
            "axum=off",
            "h2=off",
            "hyper=off",
            "info",
            "rustls=off",
            "tonic=off",
        ];
        assert_eq!(parsed("info"), all);
        assert_eq!(parsed(" "), all);
        let named = [
            "axum=off",
            "debug",
            "h2=trace",
            "hyper=off",
            "rustls=off",
            "tonic=off",
        ];
        assert_eq!(parsed("debug,h2=trace"), named);
        assert_eq!(parsed("debug, h2=trace,,"), named);
        assert_eq!(parsed(","), all);
        let only = [
            "axum=off",
            "h2=off",
            "hyper=debug",
            "rustls=off",
            "tonic=off",
        ];
        assert_eq!(parsed("hyper=debug"), only);
    }

    #[test]
    fn refuses_what_is_no_filter() {
        for text in [
            "info,hyper=loud",
            "=",
            "=debug",
            "hyper=",
            "info,,hyper=1x",
            "*=debug",
            "hyper[span]=debug",
            "[{field}]=debug",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("try info"), "{text}: {error}");
            assert!(error.contains(text), "{error}");
        }
    }
}

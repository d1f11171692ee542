//! Errors and foreign text as one line.

use std::error::Error;

/// Replaces the control characters in text from a peer: they could move the
/// terminal's cursor, or forge a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// An error and all its causes in one line, each of them once.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_each_cause_once() {
        let inner = std::io::Error::other("refused");
        let outer = anyhow::Error::new(inner)
            .context("cannot connect: refused")
            .context("no greeting");
        let error: &(dyn Error + 'static) = outer.as_ref();
        assert_eq!(chain(error), "no greeting: cannot connect: refused");
    }

    #[test]
    fn replaces_control_characters() {
        assert_eq!(printable("a\x1b[2J\r\nb"), "a\u{fffd}[2J\u{fffd}\u{fffd}b");
    }
}

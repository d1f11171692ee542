//! Errors and a peer's text as one line.

use std::{error::Error, io, iter::successors};

/// Replaces control characters in text from a peer with U+FFFD: they could move
/// the cursor, or forge a line of output.
#[must_use]
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// An error, then each of its causes. An `io::Error` counts the error that it
/// wraps as its cause: its `source` skips that one.
pub fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| {
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// An error and all its causes as one line, each cause once.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    with_causes(error.to_string(), error.source())
}

/// A message and its causes as one line, each cause once. It is for errors whose
/// `Display` adds more than the message, such as a gRPC status.
#[must_use]
pub fn with_causes(message: impl Into<String>, cause: Option<&(dyn Error + 'static)>) -> String {
    let mut text = message.into();
    for error in cause.into_iter().flat_map(causes) {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_cause_once() {
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

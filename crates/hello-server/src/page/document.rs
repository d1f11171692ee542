//! The page's document, put together at build.

use super::packed::{packed, starts_with};

/// The document, with slots for what changes.
const DOCUMENT: &str = packed!(include_str!("index.html"));

/// The styles of the document.
pub(super) const STYLE: &str = packed!(include_str!("style.css"));

/// The scripts of the document.
pub(super) const SCRIPT: &str = packed!(concat!(
    include_str!("dom.js"),
    include_str!("grpc_web.js"),
    include_str!("calls.js"),
    include_str!("identity.js"),
    include_str!("greeting.js"),
    include_str!("samples.js"),
    include_str!("chart.js"),
    include_str!("table.js"),
    include_str!("cells.js"),
    include_str!("live.js"),
));

const AT_STYLE: (&str, &str) = split(DOCUMENT, "{{style}}");
const AT_IDENTITY: (&str, &str) = split(AT_STYLE.1, "{{identity}}");
const AT_SCRIPT: (&str, &str) = split(AT_IDENTITY.1, "{{script}}");

/// The parts before the identity.
pub(super) const BEFORE: [&str; 3] = [AT_STYLE.0, STYLE, AT_IDENTITY.0];

/// The parts after the identity.
pub(super) const AFTER: [&str; 3] = [AT_SCRIPT.0, SCRIPT, AT_SCRIPT.1];

/// The text before the slot, and the text after it. Without the slot, the build fails.
const fn split(text: &'static str, slot: &str) -> (&'static str, &'static str) {
    let mut start = 0;
    while !starts_with(text.as_bytes(), start, slot.as_bytes()) {
        assert!(start < text.len(), "a slot is missing");
        start += 1;
    }
    let (before, rest) = text.split_at(start);
    (before, rest.split_at(slot.len()).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_slot() {
        assert_eq!(split("a{b{{x}}c{{x}}", "{{x}}"), ("a{b", "c{{x}}"));
        assert_eq!(split("{{x}}", "{{x}}"), ("", ""));
    }

    #[test]
    fn the_parts_are_the_document() {
        let parts = [&BEFORE[..], &["{}"], &AFTER].concat();
        let expected = DOCUMENT
            .replace("{{style}}", STYLE)
            .replace("{{identity}}", "{}")
            .replace("{{script}}", SCRIPT);
        assert_eq!(parts.concat(), expected);
    }
}

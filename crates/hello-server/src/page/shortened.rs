//! The text of headers, as far as the page shows it.

/// The most characters of a header that are shown. A page that is not read holds them.
const MAX_CHARS: usize = 256;

/// The start of a header's text, with a mark where it was cut.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => [&text[..end], "…"].concat(),
        None => text.to_owned(),
    }
}

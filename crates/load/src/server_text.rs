//! What a server sends, as it is kept.

use cli_kit::printable;

/// The maximum length of a server's text, in characters.
const MAX_TEXT: usize = 200;

/// The start of a server's text, without what a terminal would obey.
pub(crate) fn short(text: &str) -> String {
    printable(&text.chars().take(MAX_TEXT).collect::<String>())
}

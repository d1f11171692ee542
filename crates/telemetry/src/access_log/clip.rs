//! Limits the length of what a peer sent.

use std::borrow::Cow;

use http::HeaderValue;

/// The start of a text that takes at most `limit` bytes in a line, where quotes and
/// control characters are escaped.
pub(super) fn text(text: &str, limit: usize) -> &str {
    let mut width = 0;
    let end = text.char_indices().find(|&(_, char)| {
        width += match char {
            '"' | '\\' => 2,
            char if char.is_control() => 6,
            char => char.len_utf8(),
        };
        width > limit
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// The start of a header's value; U+FFFD stands for bytes that are no text.
pub(super) fn header(value: &HeaderValue, limit: usize) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    match String::from_utf8_lossy(&bytes[..bytes.len().min(limit)]) {
        Cow::Borrowed(value) => text(value, limit).into(),
        Cow::Owned(value) => text(&value, limit).to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_escaped() {
        assert_eq!(text("short", 5), "short");
        assert_eq!(text("longer", 5), "longe");
        assert_eq!(text("\"\"\"", 5), "\"\"");
        assert_eq!(text("\n\n", 6), "\n");
        assert_eq!(text("äää", 5), "ää");
    }

    #[test]
    fn takes_headers_of_any_bytes() {
        let value = HeaderValue::from_bytes(b"a\xff\tb").unwrap();
        assert_eq!(header(&value, 20), "a\u{fffd}\tb");
        assert_eq!(header(&value, 4), "a\u{fffd}");
    }
}

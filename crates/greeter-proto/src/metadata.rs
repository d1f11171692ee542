//! Metadata: the keys of what a greeter says of itself, and headers as text.

use std::collections::BTreeMap;

use http::HeaderMap;

/// The key under which a greeter sends its host name in the initial metadata.
pub const HOSTNAME: &str = "hostname";

/// The key of its version, if it has been given one.
pub const VERSION: &str = "version";

/// The key of the colour that stands for the version.
pub const COLOR: &str = "color";

/// Headers as text: all values of each name, in the order received.
pub type MetadataText = BTreeMap<String, Vec<String>>;

/// Converts headers to text. Bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn metadata_text(headers: &HeaderMap) -> MetadataText {
    let mut by_name = MetadataText::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        by_name.entry(name.to_string()).or_default().push(value);
    }
    by_name
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn keeps_every_value_in_order() {
        let headers: HeaderMap = [("b", &b"2"[..]), ("a", b"1"), ("b", b"\xff3")]
            .into_iter()
            .map(|(name, value)| {
                let value = HeaderValue::from_bytes(value).unwrap();
                (HeaderName::from_static(name), value)
            })
            .collect();
        let text = metadata_text(&headers);
        assert_eq!(text.len(), 2);
        assert_eq!(text["a"], ["1"]);
        assert_eq!(text["b"], ["2", "\u{fffd}3"]);
    }
}

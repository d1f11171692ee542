//! What is for the authors of the document only is left out of the program: an eighth
//! of it.

/// A text without indentation, empty lines and lines that are comments.
macro_rules! packed {
    ($text:expr) => {{
        const TEXT: &str = $text;
        const LENGTH: usize = $crate::page::packed::pack::<{ TEXT.len() }>(TEXT).1;
        const PACKED: [u8; LENGTH] = $crate::page::packed::pack(TEXT).0;
        match std::str::from_utf8(&PACKED) {
            Ok(text) => text,
            Err(_) => panic!("packing leaves out ASCII only"),
        }
    }};
}
pub(super) use packed;

/// The packed text, in a buffer that is long enough, and its length.
pub(super) const fn pack<const N: usize>(text: &str) -> ([u8; N], usize) {
    let text = text.as_bytes();
    let mut packed = [0; N];
    let (mut at, mut length) = (0, 0);
    while at < text.len() {
        while at < text.len() && text[at] == b' ' {
            at += 1;
        }
        let is_kept = !(starts_with(text, at, b"//")
            || starts_with(text, at, b"/*")
            || starts_with(text, at, b"\n"));
        let mut is_end = false;
        while at < text.len() && !is_end {
            if is_kept {
                packed[length] = text[at];
                length += 1;
            }
            is_end = text[at] == b'\n';
            at += 1;
        }
    }
    (packed, length)
}

/// Whether a part is at this place of the text.
pub(super) const fn starts_with(text: &[u8], at: usize, part: &[u8]) -> bool {
    let mut index = 0;
    while index < part.len() && at + index < text.len() && text[at + index] == part[index] {
        index += 1;
    }
    index == part.len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn leaves_out_comments_and_indentation() {
        let packed = packed!("// why\na = \"//\"; // b\n\n  /* c */\n    d\n  é  f\n //");
        assert_eq!(packed, "a = \"//\"; // b\nd\né  f\n");
        assert_eq!(packed!(""), "");
    }
}

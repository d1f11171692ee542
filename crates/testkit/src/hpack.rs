//! Header blocks to send (RFC 7541).

/// What a length byte has if the length continues after it (RFC 7541, section 5.1).
const LONG: usize = 127;

/// A header block, without the dynamic table and Huffman codes.
#[must_use]
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields = fields.iter().flat_map(|(name, value)| {
        let text = |text: &str| [&length(text.len()), text.as_bytes()].concat();
        [vec![0], text(name), text(value)].concat()
    });
    fields.collect()
}

fn length(length: usize) -> Vec<u8> {
    let mut rest = match length.checked_sub(LONG) {
        None => return vec![length.to_le_bytes()[0]],
        Some(rest) => rest,
    };
    let mut bytes = vec![0x7f];
    while rest > 0x7f {
        bytes.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    bytes.push(rest.to_le_bytes()[0]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_lengths_as_hpack_does() {
        assert_eq!(length(126), [126]);
        assert_eq!(length(127), [127, 0]);
        assert_eq!(length(254), [127, 127]);
        // RFC 7541, appendix C.1.2, with a prefix of 7 bits.
        assert_eq!(length(1337), [127, 0xba, 9]);
    }
}

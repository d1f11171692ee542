//! The ids of traces and spans, and their hexadecimal form.

use std::fmt;

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// The id of a trace; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub [u8; 16]);

/// The id of a span; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub [u8; 8]);

impl TraceId {
    /// A random id. Each thread has its own generator, which the system seeds once:
    /// an id costs no system call.
    #[must_use]
    pub fn random() -> Self {
        Self(RandomIdGenerator::default().new_trace_id().to_bytes())
    }

    /// An id of 32 digits. A B3 id may also have 16, which are its lower half.
    pub(super) fn parse(digits: &[u8]) -> Option<Self> {
        let mut id = [0; 16];
        let start = id.len().checked_sub(digits.len() / 2)?;
        decode(digits, &mut id[start..])?;
        (id != [0; 16]).then_some(Self(id))
    }
}

impl SpanId {
    /// A random id, as cheap as [`TraceId::random`].
    #[must_use]
    pub fn random() -> Self {
        Self(RandomIdGenerator::default().new_span_id().to_bytes())
    }

    pub(super) fn parse(digits: &[u8]) -> Option<Self> {
        let mut id = [0; 8];
        decode(digits, &mut id)?;
        (id != [0; 8]).then_some(Self(id))
    }
}

/// Decodes lower-case hexadecimal digits, the only ones that the W3C allows.
pub(super) fn decode(digits: &[u8], bytes: &mut [u8]) -> Option<()> {
    if digits.len() != bytes.len() * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Writes bytes as digits, with one call of the formatter.
fn write_hex<const N: usize>(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; N];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex::<32>(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex::<16>(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        let text = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(TraceId::parse(text.as_bytes()).unwrap().to_string(), text);
        assert_eq!(
            SpanId::parse(b"00f067aa0ba902b7").unwrap().to_string(),
            "00f067aa0ba902b7"
        );
    }

    #[test]
    fn fills_a_short_trace_id_with_zeros() {
        let id = TraceId::parse(b"00f067aa0ba902b7").unwrap();
        assert_eq!(id.to_string(), "000000000000000000f067aa0ba902b7");
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(TraceId::random(), TraceId::random());
        assert_ne!(SpanId::random(), SpanId::random());
    }
}

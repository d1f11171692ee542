//! The protocol of a port, by the server's first bytes.

use std::fmt;

/// What a plaintext port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.x.
    Http1,
    /// HTTP/2 without TLS (h2c).
    Http2,
    /// Neither TLS nor HTTP.
    Unknown,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
            Self::Unknown => "an unknown protocol",
        })
    }
}

impl Protocol {
    /// The protocol of these first bytes; `None` if they are TLS.
    pub(crate) fn from_first_bytes(bytes: &[u8]) -> Option<Self> {
        if is_tls(bytes) {
            None
        } else if bytes.starts_with(b"HTTP/") {
            Some(Self::Http1)
        } else if is_settings(bytes) {
            Some(Self::Http2)
        } else {
            Some(Self::Unknown)
        }
    }
}

/// Whether these are the first bytes of a TLS record: an alert or a handshake.
pub(crate) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 0x03, ..])
}

/// Whether these are the header of a SETTINGS frame on stream 0, the first frame of
/// every HTTP/2 server (RFC 9113, section 3.4).
pub(crate) fn is_settings(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, 0x04, _, 0, 0, 0, 0, ..])
}

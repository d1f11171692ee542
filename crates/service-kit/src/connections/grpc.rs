//! gRPC, as far as a request is observed: its content types, the messages of a
//! body, and the status.

use http::{HeaderMap, HeaderName, header::CONTENT_TYPE};

static STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Bytes of a gRPC-Web trailers frame that are read; the status comes first.
const MAX_TRAILERS: usize = 1024;

/// The length of a message's prefix: flags and length.
const PREFIX: usize = 5;

/// How a gRPC call is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// gRPC.
    Grpc,
    /// gRPC-Web: the trailers are a frame of the body.
    Web,
    /// gRPC-Web in base64.
    WebText,
}

impl Encoding {
    /// The encoding of a request with these headers; `None` if it is not gRPC.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.as_bytes();
        let (start, rest) = value.split_at_checked("application/grpc".len())?;
        if !start.eq_ignore_ascii_case(b"application/grpc") {
            return None;
        }
        let end = rest.iter().position(|byte| b"+; ".contains(byte));
        let kind = &rest[..end.unwrap_or(rest.len())];
        match kind {
            b"" => Some(Self::Grpc),
            _ if kind.eq_ignore_ascii_case(b"-web") => Some(Self::Web),
            _ if kind.eq_ignore_ascii_case(b"-web-text") => Some(Self::WebText),
            _ => None,
        }
    }
}

/// The status code in these headers or trailers.
pub(crate) fn status(headers: &HeaderMap) -> Option<i32> {
    headers.get(&STATUS)?.to_str().ok()?.parse().ok()
}

/// Counts the messages of a body, and finds gRPC-Web's trailers.
#[derive(Debug)]
pub(crate) struct Messages {
    encoding: Encoding,
    count: u64,
    /// The prefix of the current frame, and how much of it there is.
    prefix: [u8; PREFIX],
    filled: usize,
    /// What is left of the current frame.
    left: usize,
    trailers: Vec<u8>,
    /// Bits of base64 that are not a byte yet, and how many.
    bits: (u32, u32),
}

impl Messages {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            count: 0,
            prefix: [0; PREFIX],
            filled: 0,
            left: 0,
            trailers: Vec::new(),
            bits: (0, 0),
        }
    }

    /// How many messages have begun.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Reads a part of the body.
    pub(crate) fn read(&mut self, data: &[u8]) {
        if self.encoding != Encoding::WebText {
            return self.frames(data);
        }
        for byte in data {
            if let Some(byte) = self.decoded(*byte) {
                self.frames(&[byte]);
            }
        }
    }

    fn frames(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.left == 0 {
                let (prefix, rest) = data.split_at(data.len().min(PREFIX - self.filled));
                self.prefix[self.filled..][..prefix.len()].copy_from_slice(prefix);
                self.filled += prefix.len();
                data = rest;
                if self.filled == PREFIX {
                    self.start_frame();
                }
                continue;
            }
            let (part, rest) = data.split_at(data.len().min(self.left));
            if self.is_trailers() {
                let room = MAX_TRAILERS - self.trailers.len();
                self.trailers.extend(&part[..part.len().min(room)]);
            }
            self.left -= part.len();
            data = rest;
        }
    }

    fn is_trailers(&self) -> bool {
        self.encoding != Encoding::Grpc && self.prefix[0] & 0x80 != 0
    }

    fn start_frame(&mut self) {
        let [_, length @ ..] = self.prefix;
        self.left = u32::from_be_bytes(length) as usize;
        self.filled = 0;
        self.count += u64::from(!self.is_trailers());
    }

    /// The byte of base64 that ends with this character. Each part may have its own
    /// padding.
    fn decoded(&mut self, character: u8) -> Option<u8> {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => {
                self.bits = (0, 0);
                return None;
            }
        };
        let (bits, count) = (self.bits.0 << 6 | u32::from(value), self.bits.1 + 6);
        if count < 8 {
            self.bits = (bits, count);
            return None;
        }
        self.bits = (bits & ((1 << (count - 8)) - 1), count - 8);
        Some((bits >> (count - 8)) as u8)
    }

    /// The status in gRPC-Web's trailers.
    pub(crate) fn status(&self) -> Option<i32> {
        let text = std::str::from_utf8(&self.trailers).ok()?;
        let mut fields = text.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("grpc-status"))?;
        value.trim().parse().ok()
    }
}

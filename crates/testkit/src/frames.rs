//! HTTP/2 frames to send (RFC 9113). Nothing is checked, so that a test can also send
//! what the protocol forbids.

use prost::Message;

use crate::grpc::framed;
pub use crate::hpack::block;

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The type of DATA frames.
pub const DATA: u8 = 0;
/// The type of HEADERS frames.
pub const HEADERS: u8 = 1;
/// The type of PRIORITY frames.
pub const PRIORITY: u8 = 2;
/// The type of RST_STREAM frames.
pub const RST_STREAM: u8 = 3;
/// The type of SETTINGS frames.
pub const SETTINGS: u8 = 4;
/// The type of PING frames.
pub const PING: u8 = 6;
/// The type of GOAWAY frames.
pub const GOAWAY: u8 = 7;
/// The type of WINDOW_UPDATE frames.
pub const WINDOW_UPDATE: u8 = 8;
/// The type of CONTINUATION frames.
pub const CONTINUATION: u8 = 9;

/// The flag of acknowledgements, in SETTINGS and PING frames.
pub const ACK: u8 = 1;
/// The flag END_STREAM, in DATA and HEADERS frames.
pub const END_STREAM: u8 = 1;
/// The flag END_HEADERS, in HEADERS and CONTINUATION frames.
pub const END_HEADERS: u8 = 4;

/// The error code NO_ERROR.
pub const NO_ERROR: u32 = 0;
/// The error code REFUSED_STREAM.
pub const REFUSED_STREAM: u32 = 7;
/// The error code CANCEL.
pub const CANCEL: u32 = 8;
/// The error code ENHANCE_YOUR_CALM.
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// The last stream of a GOAWAY that only announces the end (RFC 9113, section 6.8).
pub const ANY_STREAM: u32 = u32::MAX >> 1;

/// `:status: 200` in HPACK.
pub const OK: u8 = 0x88;

/// `SETTINGS_INITIAL_WINDOW_SIZE` of 0.
pub const ZERO_WINDOW: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 0)];

/// The setting of a stream's initial window.
pub const INITIAL_WINDOW_SIZE: u16 = 4;

/// The largest payload that a peer accepts by default, in bytes.
pub const MAX_PAYLOAD: usize = 16_384;

/// A frame.
///
/// # Panics
/// If the payload is longer than 16 MiB.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    assert_eq!(length[0], 0, "the payload does not fit in a frame");
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// A SETTINGS frame.
#[must_use]
pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let payload = settings.iter().flat_map(|(id, value)| {
        let (id, value) = (id.to_be_bytes(), value.to_be_bytes());
        id.into_iter().chain(value)
    });
    frame(SETTINGS, 0, 0, &payload.collect::<Vec<_>>())
}

/// The client's preface and its SETTINGS frame.
#[must_use]
pub fn opening(settings: &[(u16, u32)]) -> Vec<u8> {
    [PREFACE, &self::settings(settings)].concat()
}

/// A GOAWAY frame.
#[must_use]
pub fn goaway(last_stream: u32, code: u32) -> Vec<u8> {
    let payload = [last_stream.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// A RST_STREAM frame.
#[must_use]
pub fn rst_stream(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// A request, as frames.
#[derive(Clone, Debug)]
pub struct Request {
    block: Vec<u8>,
    body: Vec<u8>,
}

impl Request {
    /// A GET without a body.
    #[must_use]
    pub fn get(path: &str) -> Self {
        let block = block(&[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
        ]);
        Self {
            block,
            body: Vec::new(),
        }
    }

    /// This request with this header field.
    #[must_use]
    pub fn with_field(mut self, name: &str, value: &str) -> Self {
        self.block.extend(block(&[(name, value)]));
        self
    }

    /// This request with 4 KiB of further header fields.
    #[must_use]
    pub fn with_large_header(mut self) -> Self {
        let field = block(&[("x-field", &"y".repeat(120))]);
        self.block.extend(field.repeat(32));
        self
    }

    /// A gRPC call with one message.
    #[must_use]
    pub fn grpc(path: &str, message: &impl Message) -> Self {
        let block = block(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]);
        let body = framed(message);
        Self { block, body }
    }

    /// The header block.
    #[must_use]
    pub fn block(&self) -> &[u8] {
        &self.block
    }

    /// The frames of the whole request.
    #[must_use]
    pub fn whole(&self, stream: u32) -> Vec<u8> {
        if self.body.is_empty() {
            return frame(HEADERS, END_HEADERS | END_STREAM, stream, &self.block);
        }
        let body = frame(DATA, END_STREAM, stream, &self.body);
        [self.open(stream), body].concat()
    }

    /// The HEADERS frame of a request whose body is still to come.
    #[must_use]
    pub fn open(&self, stream: u32) -> Vec<u8> {
        frame(HEADERS, END_HEADERS, stream, &self.block)
    }
}

/// The client's stream with this index, from 0.
#[must_use]
pub fn stream(index: u32) -> u32 {
    2 * index + 1
}

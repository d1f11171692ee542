//! HTTP/2 frame by frame (RFC 9113), for tests that check frames.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The type of DATA frames.
pub const DATA: u8 = 0;
/// The type of HEADERS frames.
pub const HEADERS: u8 = 1;
/// The type of SETTINGS frames.
pub const SETTINGS: u8 = 4;
/// The type of PING frames.
pub const PING: u8 = 6;
/// The type of GOAWAY frames.
pub const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET http://a/` in HPACK, with the static table.
const GET: &[u8] = &[0x82, 0x84, 0x86, 0x41, 1, b'a'];

/// `:status: 200` in HPACK.
pub const OK: u8 = 0x88;

/// A frame that the server sent.
#[derive(Debug)]
pub struct Frame {
    /// Its type.
    pub kind: u8,
    /// Whether it has the flag END_STREAM.
    pub ends_stream: bool,
    /// Its content.
    pub payload: Vec<u8>,
}

/// The client's side of a connection. Its functions panic on errors.
#[derive(Debug)]
pub struct Http2(TcpStream);

impl Http2 {
    /// Connects and sends `GET /`.
    pub async fn get(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, GET);
        let start = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &request].concat();
        stream.write_all(&start).await.unwrap();
        Self(stream)
    }

    /// Reads until the next frame of this type; acknowledges pings.
    pub async fn next(&mut self, kind: u8) -> Frame {
        loop {
            let frame = soon(self.read()).await.expect("a frame");
            if frame.kind == kind {
                return frame;
            }
        }
    }

    /// Reads until the server closes the connection; acknowledges pings.
    pub async fn closed(mut self) {
        while soon(self.read()).await.is_ok() {}
    }

    async fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.0.read_exact(&mut payload).await?;
        if kind == PING && flags & ACK == 0 {
            self.0.write_all(&frame(PING, ACK, 0, &payload)).await?;
        }
        Ok(Frame {
            kind,
            ends_stream: matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0,
            payload,
        })
    }
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let head = [0, 0, length, kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

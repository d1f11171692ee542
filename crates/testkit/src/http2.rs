//! HTTP/2 frame by frame (RFC 9113), for tests that check frames.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The type of DATA frames.
pub const DATA: u8 = 0;
/// The type of HEADERS frames.
pub const HEADERS: u8 = 1;
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

/// The flag of an acknowledgement.
pub const ACK: u8 = 1;
/// The flag of a stream's last frame.
pub const END_STREAM: u8 = 1;
/// The flag of a header block's last frame.
pub const END_HEADERS: u8 = 4;

/// `SETTINGS_INITIAL_WINDOW_SIZE` of 0.
pub const ZERO_WINDOW: &[u8] = &[0, 4, 0, 0, 0, 0];

/// `GET http://a/` in HPACK, with the static table.
pub const GET: &[u8] = &[0x82, 0x84, 0x86, 0x41, 1, b'a'];

/// `:status: 200` in HPACK.
pub const OK: u8 = 0x88;

/// A frame that the peer sent.
#[derive(Debug)]
pub struct Frame {
    /// Its type.
    pub kind: u8,
    /// Its stream; 0 is the connection.
    pub stream: u32,
    /// Whether it has the flag END_STREAM.
    pub ends_stream: bool,
    is_ack: bool,
    /// Its content.
    pub payload: Vec<u8>,
}

/// The client's side of a connection. Its functions panic on errors.
#[derive(Debug)]
pub struct Http2(TcpStream);

impl Http2 {
    /// Connects and sends `GET /`.
    pub async fn get(address: SocketAddr) -> Self {
        let mut connection = Self::connect(address, &[]).await;
        connection.send(&get(1)).await;
        connection
    }

    /// Connects with these settings.
    pub async fn connect(address: SocketAddr, settings: &[u8]) -> Self {
        let mut connection = Self(TcpStream::connect(address).await.unwrap());
        let start = [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat();
        connection.send(&start).await;
        connection
    }

    /// Sends these bytes.
    pub async fn send(&mut self, bytes: &[u8]) {
        soon(self.0.write_all(bytes)).await.unwrap();
    }

    /// Sends these bytes again and again, until the server closes the connection;
    /// returns the last GOAWAY that it sent.
    pub async fn flood(self, bytes: &[u8]) -> Option<Frame> {
        let (mut receive, mut send) = self.0.into_split();
        let send = async {
            while send.write_all(bytes).await.is_ok() {}
            std::future::pending().await
        };
        let receive = async {
            let mut goaway = None;
            while let Ok(frame) = read(&mut receive).await {
                if frame.kind == GOAWAY {
                    goaway = Some(frame);
                }
            }
            goaway
        };
        soon(async {
            tokio::select! {
                goaway = receive => goaway,
                () = send => None,
            }
        })
        .await
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
        read_acknowledging(&mut self.0).await
    }
}

/// Reads a frame; acknowledges a ping.
pub(crate) async fn read_acknowledging<S>(stream: &mut S) -> io::Result<Frame>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame = read(stream).await?;
    if frame.kind == PING && !frame.is_ack {
        let ack = self::frame(PING, ACK, 0, &frame.payload);
        stream.write_all(&ack).await?;
    }
    Ok(frame)
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await?;
    let [a, b, c, kind, flags, id @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    stream.read_exact(&mut payload).await?;
    Ok(Frame {
        kind,
        stream: u32::from_be_bytes(id),
        ends_stream: matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0,
        is_ack: flags & ACK != 0,
        payload,
    })
}

/// The bytes of a frame.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), payload].concat()
}

/// The request `GET http://a/` on this stream.
#[must_use]
pub fn get(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)
}

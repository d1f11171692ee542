//! HTTP/2 frame by frame (RFC 9113), for tests that check frames.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    frames::{ACK, DATA, END_STREAM, GOAWAY, HEADERS, PING, Request, frame, opening},
    soon,
};

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
    pub async fn connect(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut connection = Self(TcpStream::connect(address).await.unwrap());
        connection.send(&opening(settings)).await;
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

/// The request `GET /` on this stream.
#[must_use]
pub fn get(stream: u32) -> Vec<u8> {
    Request::get("/").whole(stream)
}

//! The server's side of HTTP/2 (RFC 9113), frame by frame: a test decides which frames
//! arrive in one write, and how the connection ends.

use std::io;

use prost::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    frames::{
        self, ACK, DATA, END_HEADERS, END_STREAM, HEADERS, OK, PREFACE, SETTINGS, block, frame,
    },
    grpc,
    http2::{Frame, read_acknowledging},
    servers,
};

/// The server's side of a connection.
#[derive(Debug)]
pub struct Http2Server(TcpStream);

impl Http2Server {
    /// Reads the client's preface, sends these settings, and acknowledges the client's.
    ///
    /// # Errors
    /// If the client ends the connection.
    pub async fn accept(mut stream: TcpStream, settings: &[(u16, u32)]) -> io::Result<Self> {
        let mut preface = [0; PREFACE.len()];
        stream.read_exact(&mut preface).await?;
        let settings = [frames::settings(settings), frame(SETTINGS, ACK, 0, &[])];
        stream.write_all(&settings.concat()).await?;
        Ok(Self(stream))
    }

    /// The stream of the next request, once all of the request has arrived.
    ///
    /// # Errors
    /// If the client ends the connection.
    pub async fn request(&mut self) -> io::Result<u32> {
        loop {
            let frame = read_acknowledging(&mut self.0).await?;
            if frame.ends_stream {
                return Ok(frame.stream);
            }
        }
    }

    /// Reads until the next frame of this type.
    ///
    /// # Errors
    /// If the client ends the connection.
    pub async fn next(&mut self, kind: u8) -> io::Result<Frame> {
        loop {
            let frame = read_acknowledging(&mut self.0).await?;
            if frame.kind == kind {
                return Ok(frame);
            }
        }
    }

    /// Sends all frames in one write.
    ///
    /// # Errors
    /// If the client has ended the connection.
    pub async fn send(&mut self, frames: &[Vec<u8>]) -> io::Result<()> {
        self.0.write_all(&frames.concat()).await
    }

    /// Reads until the client closes the connection.
    pub async fn closed(mut self) {
        while read_acknowledging(&mut self.0).await.is_ok() {}
    }

    /// Sends no more, and reads until the client closes the connection.
    pub async fn end(mut self) {
        let _ = self.0.shutdown().await;
        self.closed().await;
    }

    /// Ends the connection by a TCP reset.
    ///
    /// # Panics
    /// If the socket has no linger time.
    pub fn reset(self) {
        self.0.set_zero_linger().unwrap();
    }
}

/// A server that handles each connection frame by frame, until `handle` returns.
pub async fn serve<F: Future<Output = io::Result<()>> + Send + 'static>(
    handle: impl Fn(Http2Server) -> F + Clone + Send + 'static,
) -> String {
    servers::serve(move |stream| {
        let handle = handle.clone();
        async move {
            if let Ok(server) = Http2Server::accept(stream, &[]).await {
                // The client ends the connection, or the handler does.
                let _ = handle(server).await;
            }
        }
    })
    .await
}

/// A gRPC response in full: HEADERS, DATA with this message, and trailers with OK.
#[must_use]
pub fn reply(stream: u32, message: &impl Message) -> Vec<u8> {
    let headers = [&[OK][..], &block(&[("content-type", "application/grpc")])].concat();
    [
        frame(HEADERS, END_HEADERS, stream, &headers),
        frame(DATA, 0, stream, &grpc::framed(message)),
        frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            stream,
            &block(&[("grpc-status", "0")]),
        ),
    ]
    .concat()
}

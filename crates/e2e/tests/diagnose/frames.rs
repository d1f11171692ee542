//! A server that sends frames byte by byte, for peers that no library imitates.

use testkit::{
    http2::{GOAWAY, HEADERS, PREFACE, SETTINGS},
    servers::serve,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const RST_STREAM: u8 = 3;

pub(crate) const REFUSED_STREAM: u8 = 7;
pub(crate) const CANCEL: u8 = 8;
pub(crate) const CALM: u8 = 11;

/// A frame without flags.
fn frame(kind: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, 0, 0, 0, 0, stream], payload].concat()
}

/// GOAWAY with this last stream and this error.
pub(crate) fn goaway(last: u32, error: u8) -> Vec<u8> {
    let payload = [&last.to_be_bytes()[..], &[0, 0, 0, error]].concat();
    frame(GOAWAY, 0, &payload)
}

/// RST_STREAM of the first stream with this error.
pub(crate) fn reset(error: u8) -> Vec<u8> {
    frame(RST_STREAM, 1, &[0, 0, 0, error])
}

/// A server that sends these settings, and `reply` to the first request. Then it
/// closes the connection.
pub(crate) async fn replying(settings: &'static [u8], reply: Vec<u8>) -> String {
    server(settings, reply, true).await
}

/// A server that resets the first stream with this error, and keeps the connection.
pub(crate) async fn resetting(error: u8) -> String {
    server(&[], reset(error), false).await
}

async fn server(settings: &'static [u8], reply: Vec<u8>, closes: bool) -> String {
    serve(move |mut stream| {
        let reply = reply.clone();
        async move {
            let mut preface = [0; PREFACE.len()];
            if stream.read_exact(&mut preface).await.is_err() {
                return;
            }
            let _ = stream.write_all(&frame(SETTINGS, 0, settings)).await;
            let mut head = [0; 9];
            while stream.read_exact(&mut head).await.is_ok() {
                let [a, b, c, kind, ..] = head;
                let length = u32::from_be_bytes([0, a, b, c]);
                let mut payload = vec![0; length as usize];
                if stream.read_exact(&mut payload).await.is_err() {
                    return;
                }
                if kind == HEADERS {
                    let _ = stream.write_all(&reply).await;
                    if closes {
                        let _ = stream.shutdown().await;
                    }
                }
            }
        }
    })
    .await
}

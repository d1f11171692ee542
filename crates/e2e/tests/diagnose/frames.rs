//! A server that sends frames byte by byte, for peers that no library imitates.

use testkit::{
    frames::{HEADERS, rst_stream},
    http2_server::Http2Server,
    servers::serve,
};

/// RST_STREAM of the first stream with this error.
pub(crate) fn reset(error: u32) -> Vec<u8> {
    rst_stream(1, error)
}

/// A server that sends these settings, and `reply` to the first request. Then it
/// closes the connection.
pub(crate) async fn replying(settings: &'static [(u16, u32)], reply: Vec<u8>) -> String {
    server(settings, reply, true).await
}

/// A server that resets the first stream with this error, and keeps the connection.
pub(crate) async fn resetting(error: u32) -> String {
    server(&[], reset(error), false).await
}

async fn server(settings: &'static [(u16, u32)], reply: Vec<u8>, closes: bool) -> String {
    serve(move |stream| {
        let reply = [reply.clone()];
        async move {
            let Ok(mut connection) = Http2Server::accept(stream, settings).await else {
                return;
            };
            if connection.next(HEADERS).await.is_err() {
                return;
            }
            // The client can be gone.
            let _ = connection.send(&reply).await;
            match closes {
                true => connection.end().await,
                false => connection.closed().await,
            }
        }
    })
    .await
}

//! Sends a request's body as the server's flow control permits.

use std::{future::poll_fn, pin::Pin};

use bytes::Bytes;
use futures_util::future::poll_immediate;
use h2::{Reason, SendStream};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio_util::task::AbortOnDropHandle;
use tonic::body::Body;

/// The rest of a request's body, which a task sends until this is dropped.
#[derive(Debug)]
pub(super) struct Upload {
    _task: Option<AbortOnDropHandle<()>>,
}

/// The stream takes no more data: it was reset, or the connection has ended. The
/// response reports why.
struct Closed;

impl Upload {
    /// Of a request that has been sent.
    pub(super) fn complete() -> Self {
        Self { _task: None }
    }

    /// Sends what is ready at once, and spawns a task for the rest.
    pub(super) async fn start(body: Body, stream: SendStream<Bytes>) -> Self {
        if body.is_end_stream() {
            return Self::complete();
        }
        let mut sent: Pin<Box<_>> = Box::pin(async {
            // The response reports why the stream takes no more data.
            let _ = send(body, stream).await;
        });
        let rest = match poll_immediate(&mut sent).await {
            Some(()) => None,
            None => Some(AbortOnDropHandle::new(tokio::spawn(sent))),
        };
        Self { _task: rest }
    }
}

async fn send(mut body: Body, mut stream: SendStream<Bytes>) -> Result<(), Closed> {
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            _ = poll_fn(|context| stream.poll_reset(context)) => return Err(Closed),
        };
        let Some(frame) = frame else {
            return end(&mut stream);
        };
        let Ok(frame) = frame else {
            stream.send_reset(Reason::CANCEL);
            return Err(Closed);
        };
        match frame.into_data() {
            Ok(data) => {
                let is_end = body.is_end_stream();
                send_data(data, is_end, &mut stream).await?;
                if is_end {
                    return Ok(());
                }
            }
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                return stream.send_trailers(trailers).map_err(|_| Closed);
            }
        }
    }
}

/// Sends the data in parts that fit into the windows.
async fn send_data(
    mut data: Bytes,
    is_end: bool,
    stream: &mut SendStream<Bytes>,
) -> Result<(), Closed> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        while stream.capacity() == 0 {
            match poll_fn(|context| stream.poll_capacity(context)).await {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed),
            }
        }
        let part = data.split_to(stream.capacity().min(data.len()));
        let ends = is_end && data.is_empty();
        stream.send_data(part, ends).map_err(|_| Closed)?;
        if ends {
            return Ok(());
        }
    }
    match is_end {
        true => end(stream),
        false => Ok(()),
    }
}

fn end(stream: &mut SendStream<Bytes>) -> Result<(), Closed> {
    stream.send_data(Bytes::new(), true).map_err(|_| Closed)
}

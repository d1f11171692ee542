//! Receives the whole request of a call with one message, before tonic
//! allocates its buffers for it.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tonic::Status;

/// The longest request message. A name ends at 4 KiB; a longer one, up to this
/// limit, is refused with details.
pub(crate) const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// How many calls may buffer a part of their request: together 4 MiB. A request
/// that arrives whole needs no buffer.
pub(crate) const MAX_BUFFERS: usize = 512;

/// The length of a message's prefix: flags and length.
const PREFIX: usize = 5;

/// The request with its body received.
///
/// # Errors
/// `RESOURCE_EXHAUSTED` if the message is too large or all buffers are in use;
/// `INTERNAL` if there is not exactly one message.
pub(crate) async fn whole(request: Request, buffers: &Semaphore) -> Result<Request, Status> {
    let (parts, body) = request.into_parts();
    let message = message(body, buffers).await?;
    Ok(Request::from_parts(parts, Body::from(message)))
}

async fn message(mut body: Body, buffers: &Semaphore) -> Result<Bytes, Status> {
    let mut received = Bytes::new();
    let mut permit = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Status::from_error(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        received = append(received, data);
        let complete = is_complete(&received)?;
        if body.is_end_stream() {
            break;
        }
        if permit.is_none() {
            permit = buffers.try_acquire().ok();
            if permit.is_none() && complete {
                // Serves the call without a check for a second message.
                return Ok(received);
            } else if permit.is_none() {
                let text = "too many requests wait for the rest of their message; call again later";
                return Err(Status::resource_exhausted(text));
            }
            // A part of a frame would keep the connection's whole read buffer.
            received = Bytes::copy_from_slice(&received);
        }
    }
    match received.len() {
        0 => Err(Status::internal(
            "cardinality violation: the request has no message",
        )),
        _ if is_complete(&received)? => Ok(received),
        _ => Err(Status::internal(
            "the request ends in the middle of its message",
        )),
    }
}

/// What has been received, with one more part.
pub(crate) fn append(received: Bytes, data: Bytes) -> Bytes {
    if received.is_empty() {
        return data;
    }
    let mut joined = BytesMut::from(received);
    joined.extend_from_slice(&data);
    joined.freeze()
}

/// Whether this is a whole message.
///
/// # Errors
/// If it is too large, or more than one.
fn is_complete(received: &[u8]) -> Result<bool, Status> {
    let Some(([_, length @ ..], message)) = received.split_first_chunk::<PREFIX>() else {
        return Ok(false);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length > MAX_MESSAGE_BYTES {
        // The words of grpc-go.
        let text = format!("received message larger than max ({length} vs. {MAX_MESSAGE_BYTES})");
        return Err(Status::resource_exhausted(text));
    }
    if message.len() > length {
        let text = "cardinality violation: the request has more than one message";
        return Err(Status::internal(text));
    }
    Ok(message.len() == length)
}

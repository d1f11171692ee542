//! The message of a call, as far as it has arrived.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use greeter_proto::helloworld::{HelloReply, HelloRequest};
use http_body::Body;
use prost::Message;
use service_kit::RequestBody;

use crate::{
    call::{MAX_MESSAGE_BYTES, append},
    service::greet,
};

/// The length of a message's prefix: flags and length.
pub(super) const PREFIX: usize = 5;

/// Waits for the first bytes of the body, and replies if they are the whole request.
/// If they are not, or if the name is refused, there is no reply and the body is as
/// before.
pub(super) fn poll(body: &mut RequestBody, context: &mut Context<'_>) -> Poll<Option<HelloReply>> {
    let mut received = Bytes::new();
    while !body.is_end_stream() {
        match Pin::new(&mut *body).poll_frame(context) {
            Poll::Pending if received.is_empty() => return Poll::Pending,
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    received = append(received, data);
                }
            }
            Poll::Pending | Poll::Ready(_) => break,
        }
    }
    let reply = message(&received)
        .filter(|_| body.is_end_stream())
        .and_then(|message| HelloRequest::decode(message).ok())
        .and_then(|request| greet(&request).ok());
    if reply.is_none() && !received.is_empty() {
        body.put_back(received);
    }
    Poll::Ready(reply)
}

/// The message, if this is exactly one, and not compressed.
fn message(received: &[u8]) -> Option<&[u8]> {
    let ([0, length @ ..], message) = received.split_first_chunk::<PREFIX>()? else {
        return None;
    };
    let is_whole = u32::from_be_bytes(*length) as usize == message.len();
    (is_whole && message.len() <= MAX_MESSAGE_BYTES).then_some(message)
}

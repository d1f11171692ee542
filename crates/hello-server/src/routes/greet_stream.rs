//! `GET /greet/{name}?stream=n`: the greetings of one streaming call, as server-sent
//! events. An `EventSource` that is not closed starts the call again after its end; its
//! client has to close it at the event `end` or `failed`.

use std::{convert::Infallible, future::ready};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use greeter_proto::{code_name, helloworld::HelloReply};
use serde::Serialize;
use service_kit::{Problem, TraceContext};
use tonic::Status;

use super::{
    Shared,
    greeting::{greeting, json},
};
use crate::{
    greeter::{Replies, STREAM_WINDOW},
    page::NO_STORE,
    problems::{failure, greeter_failed},
};

/// Enough to see a stream, and short enough for the deadline of a call.
const MAX_GREETINGS: usize = 100;

/// The most bytes of all replies. The greeter can send as many without a reader, so that
/// a client that does not read holds none of the streams of the greeter's connection.
const MAX_BYTES: usize = STREAM_WINDOW as usize;

/// The most bytes that a reply adds to its name.
const OVERHEAD: usize = 32;

/// The events that are still to come.
struct Events {
    app: Shared,
    replies: Replies,
}

/// The end of a call that has failed.
#[derive(Serialize)]
struct Failed {
    detail: String,
    grpc_status: &'static str,
}

/// Responds with the events, or with the greeter's status as an HTTP error if it comes
/// before the first greeting.
pub(super) async fn events(
    app: Shared,
    name: String,
    count: &str,
    headers: HeaderMap,
    context: Option<TraceContext>,
) -> Result<Response, Problem> {
    let count = count
        .parse()
        .ok()
        .filter(|count| (1..=MAX_GREETINGS).contains(count));
    let count = count.ok_or_else(|| {
        Problem::bad_request(format!(
            "the number of greetings must be from 1 to {MAX_GREETINGS}"
        ))
    })?;
    if count * (name.len() + OVERHEAD) > MAX_BYTES {
        return Err(Problem::bad_request(format!(
            "the greetings take more than {MAX_BYTES} bytes; request fewer, or a shorter name"
        )));
    }
    let greeter = &app.greeter;
    let call = greeter.greet_often(name, count, &headers, context.as_ref());
    let mut replies = call.await.map_err(|status| greeter_failed(&status))?;
    let first = replies.next().await;
    let first = first.map_err(|status| greeter_failed(&status))?;
    let (first, rest) = Events { app, replies }.event(Ok(first));
    // The next reply is read when the client has room for its event. If the client
    // leaves, the call is dropped, and so cancelled.
    let rest = stream::unfold(rest, async |events| Some(events?.next().await));
    let events = stream::once(ready(first)).chain(rest);
    let kind = HeaderValue::from_static("text/event-stream");
    let headers = [(header::CONTENT_TYPE, kind), NO_STORE];
    let body = Body::from_stream(events.map(Ok::<_, Infallible>));
    Ok((headers, body).into_response())
}

impl Events {
    /// The next event; no events follow `end` and `failed`.
    async fn next(mut self) -> (Bytes, Option<Self>) {
        let reply = self.replies.next().await;
        self.event(reply)
    }

    fn event(self, reply: Result<Option<HelloReply>, Status>) -> (Bytes, Option<Self>) {
        match reply {
            Ok(Some(reply)) => {
                let metadata = self.replies.metadata();
                let data = greeting(&self.app, metadata, &reply.message, true);
                (encode("greeting", &data), Some(self))
            }
            Ok(None) => (encode("end", b"{}"), None),
            Err(status) => {
                let data = json(&Failed {
                    detail: failure(&status),
                    grpc_status: code_name(status.code()),
                });
                (encode("failed", &data), None)
            }
        }
    }
}

/// JSON has no line break, so that the data is one line.
fn encode(name: &str, data: &[u8]) -> Bytes {
    let name = name.as_bytes();
    Bytes::from([b"event: ", name, b"\ndata: ", data, b"\n\n"].concat())
}

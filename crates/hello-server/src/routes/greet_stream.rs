//! `GET /greet/{name}?stream=n`: the greetings of one streaming call, as server-sent
//! events. After the last one, or after an error, an event ends the stream, so that an
//! `EventSource` can close instead of starting the call again.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use greeter_proto::{code_name, helloworld::HelloRequest};
use serde_json::{Value, json};
use service_kit::{Problem, TraceContext};
use tokio::sync::mpsc;
use tonic::Status;

use super::{Shared, greet::Greeting};
use crate::{page::NO_STORE, problems::greeter_failed};

const METHOD: &str = "helloworld.Greeter/SayHelloBidiStream";

/// Enough to see a stream, and short enough for the deadline of a call.
const MAX_GREETINGS: usize = 100;

/// An event, or the status of a call that has failed.
type Event = Result<Bytes, Status>;

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
    // One event waits: the greeter gets no further ahead of a slow client.
    let (sender, mut events) = mpsc::channel(1);
    tokio::spawn(run(app, name, count, headers, context, sender));
    let first = match events.recv().await {
        Some(Err(status)) => return Err(greeter_failed(&status)),
        first => first,
    };
    let rest = stream::unfold(events, async |mut events| {
        Some((events.recv().await?, events))
    });
    let events = stream::iter(first).chain(rest).map(|event| {
        let ended = |status: Status| {
            let data = json!({"grpc_status": code_name(status.code()), "detail": status.message()});
            encode("failed", &data)
        };
        Ok::<_, Infallible>(event.unwrap_or_else(ended))
    });
    let kind = HeaderValue::from_static("text/event-stream");
    let headers = [(header::CONTENT_TYPE, kind), NO_STORE];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// Calls the greeter, until the receiver of the events is dropped.
async fn run(
    app: Shared,
    name: String,
    count: usize,
    headers: HeaderMap,
    context: Option<TraceContext>,
    events: mpsc::Sender<Event>,
) {
    let call = app.greeter.call(
        METHOD,
        &headers,
        context.as_ref(),
        async |mut client, request| {
            let names = stream::iter(vec![HelloRequest { name }; count]);
            let reply = client
                .say_hello_bidi_stream(request.map(|()| names))
                .await?;
            let (metadata, mut replies, _) = reply.into_parts();
            while let Some(reply) = replies.message().await? {
                let greeting = Greeting::new(&app, &metadata, reply.message);
                send(&events, Ok(encode("greeting", &json!(greeting)))).await;
            }
            Ok(())
        },
    );
    let result = tokio::select! {
        result = call => result,
        () = events.closed() => return,
    };
    let last = result.map(|()| encode("end", &json!({})));
    send(&events, last).await;
}

async fn send(events: &mpsc::Sender<Event>, event: Event) {
    // An error means that the client has left; `run` ends.
    let _ = events.send(event).await;
}

/// JSON has no line break, so that the data is one line.
fn encode(name: &str, data: &Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

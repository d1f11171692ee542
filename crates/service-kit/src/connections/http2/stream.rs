//! One request of a connection, until its response has gone to h2.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use h2::{Reason, server::SendResponse};
use http::{
    Response,
    header::{CONTENT_LENGTH, DATE},
};
use tracing::debug;

use super::sending::Sending;
use crate::connections::{
    date,
    exchange::Exchange,
    service::{Answered, ConnectionService, Responding, Started},
    unsent::Chunk,
};

/// A request. Dropped before its end, it resets its stream.
pub(super) enum Stream {
    Responding(SendResponse<Chunk>, Responding),
    Sending(Sending),
}

impl Stream {
    /// Calls the routes, or refuses the request; `None` if it has ended already.
    pub(super) fn start(
        started: Option<Started>,
        mut respond: SendResponse<Chunk>,
        service: &ConnectionService,
        context: &mut Context<'_>,
    ) -> Option<Self> {
        let Some(started) = started else {
            // The client may send the request again: it was not processed.
            respond.send_reset(Reason::REFUSED_STREAM);
            return None;
        };
        match started.call(service, context) {
            Ok(answered) => {
                let sending = send(&mut respond, answered).inspect_err(failed);
                sending.ok().flatten().map(Self::Sending)
            }
            Err(responding) => Some(Self::Responding(respond, responding)),
        }
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        if let Self::Responding(respond, responding) = self {
            let Poll::Ready(answered) = responding.poll(context) else {
                // A reset by the client cancels the request.
                return respond.poll_reset(context).map_ok(drop);
            };
            match send(respond, answered)? {
                Some(sending) => *self = Self::Sending(sending),
                None => return Poll::Ready(Ok(())),
            }
        }
        match self {
            Self::Sending(sending) => sending.poll(context),
            Self::Responding(..) => Poll::Pending,
        }
    }
}

/// Sends a response as far as it is there; returns what sends the rest.
fn send(
    respond: &mut SendResponse<Chunk>,
    (response, unsent): Answered,
) -> Result<Option<Sending>, h2::Error> {
    let (parts, content) = response.into_parts();
    let mut head = Response::from_parts(parts, ());
    let headers = head.headers_mut();
    headers.insert(DATE, date::now());
    let ended = content.is_end_stream();
    if !ended && let Some(length) = content.size_hint().exact() {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    let sent = respond.send_response(head, ended);
    let stream = sent.inspect_err(|_| {
        respond.send_reset(Reason::INTERNAL_ERROR);
        unsent.observe(Exchange::cut);
    })?;
    match ended {
        true => Ok(None),
        false => Sending::start(stream, content, unsent),
    }
}

impl Future for Stream {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(self.poll_end(context)) {
            failed(&error);
        }
        Poll::Ready(())
    }
}

fn failed(error: &h2::Error) {
    debug!(%error, "request failed");
}

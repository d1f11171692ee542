//! One request of a connection, until its response has gone to h2.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use h2::{Reason, RecvStream, server::SendResponse};
use http::{
    Request, Response,
    header::{CONTENT_LENGTH, DATE},
};
use tracing::debug;

use super::sending::Sending;
use crate::connections::{
    date,
    request_body::RequestBody,
    routes::Content,
    service::{ConnectionService, Responding},
    unsent::{Chunk, Unsent},
};

/// A request. Dropped before its end, it resets its stream.
pub(super) struct Stream {
    respond: SendResponse<Chunk>,
    responding: Responding,
    /// `None` until there is a response.
    sending: Option<Sending>,
}

impl Stream {
    /// Starts a request.
    pub(super) fn new(
        request: Request<RecvStream>,
        respond: SendResponse<Chunk>,
        service: &ConnectionService,
    ) -> Self {
        Self {
            respond,
            responding: service.start(request.map(RequestBody::http2)),
            sending: None,
        }
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        if self.sending.is_none() {
            let Poll::Ready(response) = self.responding.poll(context) else {
                // A reset by the client cancels the request.
                return self.respond.poll_reset(context).map_ok(drop);
            };
            match response {
                Some((response, unsent)) => self.sending = self.send(response, unsent)?,
                // The client may send the request again: it was not processed.
                None => self.respond.send_reset(Reason::REFUSED_STREAM),
            }
        }
        match &mut self.sending {
            Some(sending) => sending.poll(context),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Sends a response as far as it is there; returns what sends the rest.
    fn send(
        &mut self,
        response: Response<Content>,
        unsent: Arc<Unsent>,
    ) -> Result<Option<Sending>, h2::Error> {
        let (parts, content) = response.into_parts();
        let mut head = Response::from_parts(parts, ());
        let headers = head.headers_mut();
        headers.insert(DATE, date::now());
        let ended = content.is_end_stream();
        if !ended && let Some(length) = content.size_hint().exact() {
            headers.entry(CONTENT_LENGTH).or_insert(length.into());
        }
        let sent = self.respond.send_response(head, ended);
        let stream = sent.inspect_err(|_| self.respond.send_reset(Reason::INTERNAL_ERROR))?;
        match ended {
            true => Ok(None),
            false => Sending::start(stream, content, unsent),
        }
    }
}

impl Future for Stream {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(self.poll_end(context)) {
            debug!(%error, "request ended");
        }
        Poll::Ready(())
    }
}

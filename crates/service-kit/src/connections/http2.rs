//! HTTP/2, which h2 serves. The requests of a connection run in its task.

mod keepalive;
mod requests;
mod sending;
mod settings;
mod stream;
mod wakes;

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use h2::{
    Reason,
    server::{Connection, Handshake},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::debug;

use self::{keepalive::Keepalive, requests::Requests, stream::Stream, wakes::Wakes};
use super::{
    first_bytes::FirstBytes, request_body::RequestBody, service::ConnectionService, unsent::Chunk,
};
use crate::Limits;

/// Turns in a row before other connections have theirs: one that makes responses, and
/// one that writes them.
const TURNS: usize = 2;

/// A connection until it ends.
pub(crate) struct Http2<S> {
    service: ConnectionService,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
    stage: Stage<FirstBytes<S>>,
    requests: Requests<Stream>,
    wakes: Wakes,
    shutting_down: bool,
}

enum Stage<S> {
    Handshake(Handshake<S, Chunk>),
    Open(Connection<S, Chunk>, Keepalive),
}

impl<S> Http2<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(crate) fn new(stream: FirstBytes<S>, limits: &Limits, service: ConnectionService) -> Self {
        Self {
            service,
            keepalive_interval: limits.keepalive_interval,
            keepalive_timeout: limits.keepalive_timeout,
            stage: Stage::Handshake(settings::builder(limits).handshake(stream)),
            requests: Requests::default(),
            wakes: Wakes::default(),
            shutting_down: false,
        }
    }

    /// Sends a GOAWAY: the connection ends once the requests in flight have ended.
    pub(crate) fn shut_down(&mut self) {
        self.shutting_down = true;
        if let Stage::Open(connection, _) = &mut self.stage {
            connection.graceful_shutdown();
        }
    }

    /// Serves requests until the connection has ended.
    ///
    /// # Errors
    /// If the peer breaks the protocol, or the stream fails.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        let waker = self.wakes.start(context);
        let mut inner = Context::from_waker(&waker);
        for _ in 0..TURNS {
            self.wakes.clear();
            let ended = self.turn(&mut inner);
            if ended.is_ready() {
                return ended;
            }
            // Responses are written by the turn after the one that made them. A busy server
            // reads little at a time: other connections have their turns in between.
            if !self.wakes.pending() || self.service.0.requests.is_busy() {
                break;
            }
        }
        self.wakes.end(context);
        Poll::Pending
    }

    /// Reads, runs requests, and writes what the turn before has made.
    fn turn(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        if let Stage::Handshake(handshake) = &mut self.stage {
            let connection = ready!(Pin::new(handshake).poll(context))?;
            self.stage = self.open(connection);
        }
        let Stage::Open(connection, keepalive) = &mut self.stage else {
            return Poll::Pending;
        };
        // Accepting a request writes what waits to be written. No request runs or is refused
        // before all have been accepted, so that their responses are written together.
        let mut accepted = Vec::new();
        while let Poll::Ready(call) = connection.poll_accept(context) {
            let Some(call) = call else {
                return Poll::Ready(Ok(()));
            };
            let (request, respond) = call?;
            let started = self.service.start(request.map(RequestBody::http2));
            accepted.push((started, respond));
        }
        for (started, respond) in accepted {
            let service = &self.service;
            self.requests
                .start(|| Stream::start(started, respond, service, context));
        }
        self.requests.poll(context);
        // After the reads: the response to a PING may have been among them.
        let state = &self.service.0.connection;
        if keepalive.poll(&state.last_read, context).is_ready() {
            debug!("the peer does not respond to a PING");
            state.end("keepalive_timeout");
            connection.abrupt_shutdown(Reason::NO_ERROR);
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn open(&self, mut connection: Connection<FirstBytes<S>, Chunk>) -> Stage<FirstBytes<S>> {
        let pings = connection.ping_pong().expect("it is taken only here");
        let keepalive = Keepalive::new(pings, self.keepalive_interval, self.keepalive_timeout);
        if self.shutting_down {
            connection.graceful_shutdown();
        }
        Stage::Open(connection, keepalive)
    }
}

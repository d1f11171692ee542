//! HTTP on one connection: the version is known from its first bytes.

use std::{
    error::Error,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    first_bytes::FirstBytes,
    http1::{self, Http1},
    http2::Http2,
    service::ConnectionService,
};
use crate::Limits;

/// A connection until it ends.
pub(crate) struct Http<'a, S> {
    limits: &'a Limits,
    service: ConnectionService,
    version: Version<S>,
}

/// Boxed, so that no connection has the size of the larger version.
enum Version<S> {
    /// Until the first bytes show the version.
    Unknown(FirstBytes<S>),
    Http1(Pin<Box<Http1<S>>>),
    Http2(Box<Http2<S>>),
    Ended,
}

impl<'a, S> Http<'a, S>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    /// With `only_http2`, the first bytes must be those of HTTP/2.
    pub(crate) fn new(
        stream: S,
        only_http2: bool,
        limits: &'a Limits,
        service: ConnectionService,
    ) -> Self {
        let stream = FirstBytes::new(stream);
        let mut http = Self {
            limits,
            service,
            version: Version::Ended,
        };
        match only_http2 {
            true => http.start(stream, true),
            false => http.version = Version::Unknown(stream),
        }
        http
    }

    fn start(&mut self, stream: FirstBytes<S>, http2: bool) {
        let service = self.service.clone();
        self.version = match http2 {
            true => Version::Http2(Box::new(Http2::new(stream, self.limits, service))),
            false => Version::Http1(Box::pin(http1::serve(stream, service))),
        };
    }

    /// Ends the connection once the requests in flight have their responses.
    pub(crate) fn shut_down(&mut self) {
        match &mut self.version {
            Version::Unknown(_) | Version::Ended => self.version = Version::Ended,
            Version::Http1(connection) => connection.as_mut().graceful_shutdown(),
            Version::Http2(connection) => connection.shut_down(),
        }
    }

    /// Serves requests until the connection has ended.
    ///
    /// # Errors
    /// If the connection fails.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Box<dyn Error + Send + Sync>>> {
        if let Version::Unknown(stream) = &mut self.version {
            let state = Arc::clone(&self.service.0.connection);
            let http2 = ready!(stream.poll_http2(&state, context))?;
            if let Version::Unknown(stream) = mem::replace(&mut self.version, Version::Ended) {
                self.start(stream, http2);
            }
        }
        match &mut self.version {
            Version::Http1(connection) => connection.as_mut().poll(context).map_err(Into::into),
            Version::Http2(connection) => connection.poll(context).map_err(Into::into),
            Version::Unknown(_) | Version::Ended => Poll::Ready(Ok(())),
        }
    }
}

//! The HTTP/2 connection as the service that tonic's client calls.

use std::{
    error::Error,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use http::{Request, Response, Uri};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use thiserror::Error;
use tokio::sync::watch;
use tonic::body::Body;
use tower::Service;

use crate::failure;

/// Why a request got no response.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// HTTP/2 says so.
    #[error(transparent)]
    Http2(#[from] hyper::Error),
    /// The connection ended. hyper does not always say so to a request that was
    /// sent at that moment, and it would wait for ever.
    #[error("the connection ended before the response")]
    Ended,
}

/// Sends requests over one connection; clones share it.
#[derive(Clone, Debug)]
pub struct Channel {
    sender: SendRequest<Body>,
    /// The scheme and authority of requests.
    pub origin: Uri,
    loss: Loss,
    /// Closed when the connection has ended.
    open: watch::Receiver<()>,
}

/// Why the connection ended, once it has: requests that fail with it say only
/// that they were cancelled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loss(Arc<OnceLock<String>>);

impl Loss {
    pub(super) fn record(&self, error: &(dyn Error + 'static)) {
        // Only the first end counts.
        let _ = self.0.set(failure::chain(error));
    }
}

impl Channel {
    pub(super) fn new(
        sender: SendRequest<Body>,
        origin: Uri,
        loss: Loss,
        open: watch::Receiver<()>,
    ) -> Self {
        Self {
            sender,
            origin,
            loss,
            open,
        }
    }

    /// Whether the connection takes no more requests.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed() || self.open.has_changed().is_err()
    }

    /// Why the connection ended, if it ended with an error.
    #[must_use]
    pub fn loss(&self) -> Option<&str> {
        self.loss.0.get().map(String::as_str)
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Incoming>;
    type Error = ChannelError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context).map_err(ChannelError::Http2)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let response = self.sender.send_request(request);
        let mut open = self.open.clone();
        Box::pin(async move {
            tokio::select! {
                // A response that came before the end is a response.
                biased;
                response = response => Ok(response?),
                _ = open.changed() => Err(ChannelError::Ended),
            }
        })
    }
}

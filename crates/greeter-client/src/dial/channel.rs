//! The HTTP/2 connection as the service that tonic's client calls.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use h2::Reason;
use http::{Request, Response, Uri};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use thiserror::Error;
use tokio::sync::{SetOnce, watch};
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
pub(crate) struct Loss(Arc<SetOnce<Lost>>);

/// A connection's end.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    pub(crate) cause: String,
    /// The peer's reason, if it gave one.
    pub(crate) reason: Option<Reason>,
}

impl Lost {
    pub(crate) fn new(error: &(dyn Error + 'static)) -> Self {
        Self {
            cause: failure::chain(error),
            reason: reason(error),
        }
    }
}

impl Loss {
    pub(super) fn record(&self, error: &(dyn Error + 'static)) {
        // Only the first end counts.
        let _ = self.0.set(Lost::new(error));
    }

    /// The peer's reason, if it gave one.
    pub(super) fn reason(&self) -> Option<Reason> {
        self.0.get().and_then(|lost| lost.reason)
    }
}

/// The reason that the peer gave for a reset or a GOAWAY.
fn reason(error: &(dyn Error + 'static)) -> Option<Reason> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return error.reason().filter(|_| error.is_remote());
        }
        cause = error.source();
    }
    None
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
        self.loss.0.get().map(|lost| lost.cause.as_str())
    }

    /// Waits until the connection has ended with an error.
    pub(crate) async fn lost(&self) -> Lost {
        self.loss.0.wait().await.clone()
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

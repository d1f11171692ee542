//! The HTTP/2 connection as the service that tonic's client calls.

use std::{
    error::Error,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use http::{Request, Response, Uri};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use tonic::body::Body;
use tower::Service;

use crate::failure;

type ResponseFuture =
    std::pin::Pin<Box<dyn Future<Output = Result<Response<Incoming>, hyper::Error>> + Send>>;

/// Sends requests over one connection; clones share it.
#[derive(Clone, Debug)]
pub struct Channel {
    sender: SendRequest<Body>,
    /// The scheme and authority of requests.
    pub origin: Uri,
    loss: Loss,
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
    pub(super) fn new(sender: SendRequest<Body>, origin: Uri, loss: Loss) -> Self {
        Self {
            sender,
            origin,
            loss,
        }
    }

    /// Whether the connection takes no more requests.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Why the connection ended, if it ended with an error.
    #[must_use]
    pub fn loss(&self) -> Option<&str> {
        self.loss.0.get().map(String::as_str)
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.sender.send_request(request))
    }
}

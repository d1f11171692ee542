//! The HTTP/2 connection as the tower service that tonic's client calls.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use cli_kit::{causes, chain};
use h2::Reason;
use http::{HeaderValue, Request, Response, Uri, header::USER_AGENT};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use thiserror::Error;
use tokio::sync::{SetOnce, watch};
use tonic::body::Body;
use tower::Service;

/// Why a request got no response.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The request failed in HTTP/2.
    #[error(transparent)]
    Http2(#[from] hyper::Error),
    /// The connection ended. hyper can miss a request that is sent at that
    /// moment: without this error, the request would wait forever.
    #[error("the connection ended before the response")]
    Ended,
}

/// The values that every request of a connection carries.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The scheme and authority.
    pub(crate) uri: Uri,
    pub(crate) user_agent: Option<HeaderValue>,
}

/// Sends requests over one connection; clones share it.
#[derive(Clone, Debug)]
pub struct Channel {
    sender: SendRequest<Body>,
    origin: Origin,
    closing: Closing,
    /// Closed when the connection has ended.
    open: watch::Receiver<()>,
}

/// The connection's close reason, once it has ended: its requests report only that
/// they were cancelled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closing(Arc<SetOnce<CloseReason>>);

/// Why a connection or a stream ended.
#[derive(Clone, Debug)]
pub struct CloseReason {
    /// The error and its causes in one line.
    pub error: String,
    /// The HTTP/2 error code that the peer sent, if it sent one.
    pub code: Option<Reason>,
}

impl CloseReason {
    /// The close reason of an error and its causes.
    #[must_use]
    pub fn new(error: &(dyn Error + 'static)) -> Self {
        Self {
            error: chain(error),
            code: remote_code(error),
        }
    }
}

impl Closing {
    pub(crate) fn record(&self, error: &(dyn Error + 'static)) {
        // Only the first error counts.
        let _ = self.0.set(CloseReason::new(error));
    }

    /// The HTTP/2 error code that the peer sent, if it sent one.
    pub(crate) fn code(&self) -> Option<Reason> {
        self.0.get().and_then(|reason| reason.code)
    }
}

/// The error code of a reset or a GOAWAY from the peer.
fn remote_code(error: &(dyn Error + 'static)) -> Option<Reason> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>())?;
    error.reason().filter(|_| error.is_remote())
}

impl Channel {
    pub(crate) fn new(
        sender: SendRequest<Body>,
        origin: Origin,
        closing: Closing,
        open: watch::Receiver<()>,
    ) -> Self {
        Self {
            sender,
            origin,
            closing,
            open,
        }
    }

    /// The scheme and authority of requests.
    #[must_use]
    pub fn origin(&self) -> &Uri {
        &self.origin.uri
    }

    /// Whether the connection takes no more requests.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed() || self.open.has_changed().is_err()
    }

    /// The error that ended the connection, if any.
    #[must_use]
    pub fn close_error(&self) -> Option<&str> {
        self.closing.0.get().map(|reason| reason.error.as_str())
    }

    /// Waits until the connection has ended with an error.
    pub async fn closed(&self) -> CloseReason {
        self.closing.0.wait().await.clone()
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Incoming>;
    type Error = ChannelError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context).map_err(ChannelError::Http2)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(user_agent) = &self.origin.user_agent {
            let headers = request.headers_mut();
            headers
                .entry(USER_AGENT)
                .or_insert_with(|| user_agent.clone());
        }
        let response = self.sender.send_request(request);
        let mut open = self.open.clone();
        Box::pin(async move {
            tokio::select! {
                // Prefers a response that arrived before the connection ended.
                biased;
                response = response => Ok(response?),
                _ = open.changed() => Err(ChannelError::Ended),
            }
        })
    }
}

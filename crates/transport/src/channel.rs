//! The HTTP/2 connection: sends requests, and is the tower service that tonic's
//! client calls.
//!
//! It uses `h2` without hyper. hyper passes responses through a task of its own,
//! which ends with the connection and with the responses that it has not passed yet.
//! `h2` keeps what a stream has received until it is read.

mod error;
mod request_body;
mod response_body;
mod state;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use h2::{Reason, client::SendRequest};
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header::USER_AGENT};
use http_body::Body as _;
use http_body_util::{BodyExt, combinators::MapErr};
use tonic::{Status, body::Body};
use tower::Service;

pub use error::{ChannelError, CloseReason};
pub use response_body::ResponseBody;
pub(crate) use state::ConnectionState;

use request_body::Upload;
use state::OpenCall;

/// The values that every request of a connection carries.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The scheme and authority.
    pub(crate) uri: Uri,
    pub(crate) user_agent: Option<HeaderValue>,
}

impl Origin {
    /// Adds the client's `user-agent`, unless the user has set one.
    pub(crate) fn add_user_agent(&self, headers: &mut HeaderMap) {
        if let Some(user_agent) = &self.user_agent {
            let given = headers.entry(USER_AGENT);
            given.or_insert_with(|| user_agent.clone());
        }
    }
}

/// Sends requests over one connection; clones share it.
#[derive(Clone, Debug)]
pub struct Channel {
    sender: SendRequest<Bytes>,
    origin: Origin,
    state: Arc<ConnectionState>,
}

impl Channel {
    pub(crate) fn new(
        sender: SendRequest<Bytes>,
        origin: Origin,
        state: Arc<ConnectionState>,
    ) -> Self {
        Self {
            sender,
            origin,
            state,
        }
    }

    /// The scheme and authority of requests.
    #[must_use]
    pub fn origin(&self) -> &Uri {
        &self.origin.uri
    }

    /// Whether the connection takes no more requests: it has ended, or the server
    /// has sent a GOAWAY.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // A clone has no request that waits for the limit of concurrent streams: it is
        // ready, or the connection has an error.
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Err(error)) = self.sender.clone().poll_ready(&mut context) else {
            return false;
        };
        if error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR) {
            self.state.drain();
        }
        true
    }

    /// Whether the server closes the connection in order: it has responded to a
    /// request, and has sent a GOAWAY without an error.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.is_closed() && self.state.is_drained() && self.state.has_responded()
    }

    /// The server's limit of concurrent streams (SETTINGS_MAX_CONCURRENT_STREAMS). At
    /// 0, requests wait.
    #[must_use]
    pub fn max_concurrent_streams(&self) -> usize {
        self.sender.current_max_send_streams()
    }

    /// The error that ended the connection, if any.
    #[must_use]
    pub fn close_error(&self) -> Option<&str> {
        let reason = self.state.close_reason();
        reason.map(|reason| reason.error.as_str())
    }

    /// Waits until the connection has ended with an error.
    pub async fn closed(&self) -> CloseReason {
        self.state.closed().await
    }

    /// Sends a request, and waits for the head of its response. The request is
    /// cancelled (RST_STREAM) if the future or the response's body is dropped.
    ///
    /// # Errors
    /// If the connection or the stream ends before the response's head.
    pub async fn send(
        &self,
        mut request: Request<Body>,
    ) -> Result<Response<ResponseBody>, ChannelError> {
        self.origin.add_user_agent(request.headers_mut());
        let call = OpenCall::new(&self.state);
        let (head, body) = request.into_parts();
        let head = Request::from_parts(head, ());
        let sender = self.sender.clone().ready().await;
        let mut sender = sender.map_err(ChannelError::NotSent)?;
        let (response, stream) = sender
            .send_request(head, body.is_end_stream())
            .map_err(ChannelError::of_send)?;
        let upload = Upload::start(body, stream).await;
        let response = response.await.map_err(ChannelError::of_stream)?;
        self.state.responded();
        Ok(response.map(|stream| ResponseBody::new(stream, upload, call)))
    }

    /// Sends a request whose body is known, and waits for the head of its response.
    pub(crate) async fn send_whole(
        &mut self,
        head: Request<()>,
        body: Bytes,
    ) -> Result<Response<ResponseBody>, ChannelError> {
        let call = OpenCall::new(&self.state);
        let ready = poll_fn(|context| self.sender.poll_ready(context)).await;
        ready.map_err(ChannelError::NotSent)?;
        let (response, mut stream) = self
            .sender
            .send_request(head, false)
            .map_err(ChannelError::of_send)?;
        // The response reports why the stream takes no data.
        let _ = stream.send_data(body, true);
        let response = response.await.map_err(ChannelError::of_stream)?;
        self.state.responded();
        Ok(response.map(|stream| ResponseBody::new(stream, Upload::complete(), call)))
    }
}

/// A body whose errors are gRPC statuses.
type StatusBody = MapErr<ResponseBody, fn(ChannelError) -> Status>;

impl Service<Request<Body>> for Channel {
    type Response = Response<StatusBody>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        let ready = self.sender.poll_ready(context);
        ready.map_err(|error| ChannelError::NotSent(error).into())
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let channel = self.clone();
        Box::pin(async move {
            let response = channel.send(request).await?;
            Ok(response.map(|body| body.map_err(Status::from as fn(_) -> _)))
        })
    }
}

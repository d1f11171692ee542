//! HTTP/1.1, which hyper serves.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Request, Response, header::CONNECTION};
use hyper::{
    body::Incoming,
    server::conn::http1::{Builder, Connection},
    service::Service,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    body::ResponseBody,
    first_bytes::FirstBytes,
    heads::MAX_HEAD,
    refusal::{self, CLOSE},
    request_body::RequestBody,
    service::{Answered, ConnectionService, Responding, Started},
};

pub(super) type Http1<S> = Connection<TokioIo<FirstBytes<S>>, Http1Service>;

/// Serves a connection.
pub(super) fn serve<S>(stream: FirstBytes<S>, service: ConnectionService) -> Http1<S>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    // hyper limits requests to 100 headers. Setting that limit, even to the same value,
    // would allocate memory for each request.
    // Without hyper's timeout of heads, which would set a timer for each request: the
    // inspector limits the time of heads, and the time between them.
    Builder::new()
        .max_buf_size(MAX_HEAD as usize)
        .serve_connection(TokioIo::new(stream), Http1Service(service))
}

/// Closes the connection with its next response once the server is stopping.
pub(super) struct Http1Service(ConnectionService);

/// The response to one request. The routes are called when this is polled for the first
/// time.
pub(super) struct Http1Response {
    service: ConnectionService,
    /// `None` if the request is refused, and after the first poll.
    started: Option<Started>,
    responding: Option<Responding>,
}

impl Service<Request<Incoming>> for Http1Service {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Http1Response;

    fn call(&self, request: Request<Incoming>) -> Http1Response {
        Http1Response {
            service: self.0.clone(),
            started: self.0.start(request.map(RequestBody::http1)),
            responding: None,
        }
    }
}

impl Future for Http1Response {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(started) = self.started.take() {
            match started.call(&self.service, context) {
                Ok(answered) => return Poll::Ready(Ok(response(answered, &self.service))),
                Err(responding) => self.responding = Some(responding),
            }
        }
        let Some(responding) = &mut self.responding else {
            return Poll::Ready(Ok(refusal::response()));
        };
        let answered = ready!(responding.poll(context));
        Poll::Ready(Ok(response(answered, &self.service)))
    }
}

fn response(
    (mut response, unsent): Answered,
    service: &ConnectionService,
) -> Response<ResponseBody> {
    // RFC 9110, 7.6.1: the client sends its next request elsewhere, and does not meet a
    // closed connection.
    if service.is_stopping() {
        response.headers_mut().insert(CONNECTION, CLOSE);
    }
    response.map(|body| ResponseBody::new(body, unsent))
}

//! One call: its method, its deadline, its request message and its end.

mod body;
pub(crate) mod deadline;
mod method;
mod receive;
mod request;

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use service_kit::{Lifecycle, Phase, RpcMethod};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, timeout_at},
};
use tonic::Status;

pub(crate) use body::shutting_down;
pub(crate) use receive::{MAX_MESSAGE_BYTES, append};

use self::{
    body::{CallBody, End},
    method::{Kind, Method},
    request::RequestBody,
};

/// Streams open at once, over all connections: fewer than the half of
/// `--max-requests` that any connection may use, and than the connections that fit
/// into 64 MiB, so that open streams shut out neither calls nor connections.
const MAX_OPEN_STREAMS: usize = 400;

/// When a request was received, as its extension, if that was before its call started.
#[derive(Clone, Copy)]
pub(crate) struct Received(Instant);

impl Received {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    fn of(request: &Request) -> Instant {
        let received = request.extensions().get::<Self>();
        received.map_or_else(Instant::now, |it| it.0)
    }
}

/// What all calls share.
#[derive(Clone)]
pub(crate) struct Calls {
    phase: watch::Receiver<Phase>,
    request_timeout: Duration,
    call_timeout: Duration,
    /// Permits to buffer a part of a request.
    buffers: Arc<Semaphore>,
    /// Permits of open streams.
    streams: Arc<Semaphore>,
}

impl Calls {
    pub(crate) fn new(
        lifecycle: &Lifecycle,
        request_timeout: Duration,
        call_timeout: Duration,
    ) -> Self {
        Self {
            phase: lifecycle.subscribe(),
            request_timeout,
            call_timeout,
            buffers: Arc::new(Semaphore::new(receive::MAX_BUFFERS)),
            streams: Arc::new(Semaphore::new(MAX_OPEN_STREAMS)),
        }
    }

    /// How long a call of one message may wait for it.
    pub(crate) fn time_of_message(&self, headers: &HeaderMap) -> Duration {
        let timeout = deadline::of(headers).ok().flatten();
        let timeout = timeout.unwrap_or(self.call_timeout);
        timeout.min(self.call_timeout).min(self.request_timeout)
    }

    /// The deadline of a call; open streams have one only if the caller sets it.
    fn deadline(&self, kind: Kind, request: &Request) -> Result<Option<Instant>, Status> {
        let timeout = deadline::of(request.headers())?;
        let timeout = match kind {
            Kind::OneReply => {
                Some(timeout.map_or(self.call_timeout, |it| it.min(self.call_timeout)))
            }
            Kind::Watch | Kind::Stream => timeout.map(|it| it.min(deadline::MAX_OF_STREAMS)),
        };
        if timeout == Some(Duration::ZERO) {
            return Err(deadline::exceeded());
        }
        Ok(timeout.map(|timeout| Received::of(request) + timeout))
    }

    fn stream_permit(&self) -> Result<OwnedSemaphorePermit, Status> {
        let full = |_| Status::resource_exhausted("too many streams are open; call again later");
        Arc::clone(&self.streams).try_acquire_owned().map_err(full)
    }

    fn late(&self) -> Status {
        let limit = self.request_timeout;
        let text = format!("the request deadline passed: no whole message within {limit:?}");
        Status::deadline_exceeded(text)
    }

    async fn run(&self, kind: Kind, request: Request, next: Next) -> Result<Response, Status> {
        let deadline = self.deadline(kind, &request)?;
        let permit = match kind {
            Kind::OneReply => None,
            Kind::Watch | Kind::Stream => Some(self.stream_permit()?),
        };
        let phase = permit.is_some().then(|| self.phase.clone());
        let (request, guard) = match kind {
            Kind::Stream => {
                let (parts, body) = request.into_parts();
                let (body, guard) = RequestBody::new(body);
                (Request::from_parts(parts, Body::new(body)), Some(guard))
            }
            Kind::OneReply | Kind::Watch => (request, None),
        };
        let mut end: End = Box::pin(body::end(deadline, phase));
        let response = tokio::select! {
            biased;
            response = self.answer(kind, request, next) => response?,
            status = &mut end => return Err(status),
        };
        Ok(response.map(|inner| Body::new(CallBody::new(inner, end, (permit, guard)))))
    }

    async fn answer(&self, kind: Kind, request: Request, next: Next) -> Result<Response, Status> {
        let request = match kind {
            Kind::Stream => request,
            Kind::OneReply | Kind::Watch => {
                let end = Received::of(&request) + self.request_timeout;
                let whole = receive::whole(request, &self.buffers);
                timeout_at(end, whole).await.map_err(|_| self.late())??
            }
        };
        Ok(next.run(request).await)
    }
}

/// Middleware that runs one call.
pub(crate) async fn run(State(calls): State<Calls>, request: Request, next: Next) -> Response {
    let method = match Method::of(request.uri().path()) {
        Ok(method) => method,
        Err(status) => return status.into_http(),
    };
    let response = calls.run(method.kind, request, next).await;
    let mut response = response.unwrap_or_else(Status::into_http);
    response.extensions_mut().insert(RpcMethod(method.name));
    response
}

//! One request, observed from its head until its response has been sent.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, Version,
    header::{HOST, USER_AGENT},
};
use telemetry::{Outcome, RequestRecord, Telemetry, TraceContext};

use super::{
    grpc::{self, Encoding, Messages},
    request_body::Received,
    routes::{Call, Content, Route},
};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Observes the requests of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    pub(crate) telemetry: Telemetry,
    pub(crate) peer: SocketAddr,
    pub(crate) tls: bool,
}

/// A request and what is known of its response. The record goes to the signals when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    observer: Arc<Observer>,
    started: Instant,
    method: Method,
    uri: Uri,
    version: Version,
    host: Option<HeaderValue>,
    user_agent: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
    context: TraceContext,
    encoding: Option<Encoding>,
    /// `None` if the request has no body.
    received: Option<Arc<Received>>,
    route: Option<Route>,
    rpc: Option<&'static str>,
    status: Option<StatusCode>,
    grpc_status: Option<i32>,
    response_bytes: u64,
    messages: Option<Messages>,
    outcome: Outcome,
    /// The response's body has ended.
    ended: bool,
    /// Response data was dropped before the peer accepted it.
    cut: bool,
}

impl Exchange {
    /// Starts with the head of a request, whose body is then counted. The request stays
    /// where it is: it is large, and this is done for each.
    pub(crate) fn start(observer: &Arc<Observer>, call: &mut Call) -> Self {
        let request = &mut call.request;
        let header = |name| request.headers().get(name).cloned();
        let has_authority = request.uri().authority().is_some();
        let context = observer.telemetry.context(request.headers());
        let encoding = Encoding::of(request.headers());
        call.trace = Some(context.clone());
        Self {
            observer: Arc::clone(observer),
            started: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            host: (!has_authority).then(|| header(&HOST)).flatten(),
            user_agent: header(&USER_AGENT),
            request_id: header(&REQUEST_ID),
            context,
            encoding,
            received: request.body_mut().count(encoding),
            route: None,
            rpc: None,
            status: None,
            grpc_status: None,
            response_bytes: 0,
            messages: None,
            outcome: Outcome::Reset,
            ended: false,
            cut: false,
        }
    }

    /// Takes the head of the response.
    pub(crate) fn respond(
        &mut self,
        response: &Response<Content>,
        route: Option<Route>,
        rpc: Option<&'static str>,
    ) {
        self.status = Some(response.status());
        self.route = route;
        self.rpc = rpc;
        self.ended = self.method == Method::HEAD || response.body().is_end_stream();
        if self.encoding.is_some() {
            let headers = response.headers();
            self.grpc_status = grpc::status(headers);
            self.messages = Encoding::of(headers).map(Messages::new);
        }
    }

    /// Ends with a response that did not come from the service; without one, the
    /// stream is reset.
    pub(crate) fn refuse(&mut self, status: Option<StatusCode>) {
        self.status = status;
        self.outcome = Outcome::Refused;
    }

    /// Takes a part of the response's body.
    pub(crate) fn send(&mut self, data: &[u8]) {
        self.response_bytes += data.len() as u64;
        if let Some(messages) = &mut self.messages {
            messages.read(data);
        }
    }

    /// Takes the trailers of the response.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap) {
        if self.encoding.is_some() {
            self.grpc_status = grpc::status(trailers);
        }
    }

    /// The response's body has ended.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// A part of the response was dropped before the peer accepted it.
    pub(crate) fn cut(&mut self) {
        self.cut = true;
    }

    /// The full method of a gRPC call, as the value of a label.
    fn rpc(&self, grpc_status: Option<i32>) -> Option<&str> {
        self.encoding?;
        if let Some(method) = self.rpc {
            return Some(method);
        }
        let path = self.uri.path();
        let method = path.strip_prefix('/').unwrap_or(path);
        let succeeded = grpc_status == Some(0) && self.route.is_some();
        Some(self.observer.telemetry.rpc_method(method, succeeded))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let messages = self.messages.as_ref();
        let grpc_status = self.grpc_status.or_else(|| messages?.status());
        let received = self.received.as_ref();
        let authority = self.uri.authority().map(|it| it.as_str());
        let outcome = match self.outcome {
            Outcome::Refused => Outcome::Refused,
            _ if self.ended && !self.cut => Outcome::Complete,
            _ => Outcome::Reset,
        };
        self.observer.telemetry.record(&RequestRecord {
            method: &self.method,
            uri: &self.uri,
            route: self.route.as_ref().map(Route::as_str),
            rpc: self.rpc(grpc_status),
            version: self.version,
            tls: self.observer.tls,
            status: self.status,
            grpc_status,
            started: self.started,
            duration: self.started.elapsed(),
            request_bytes: received.map_or(0, |it| it.bytes()),
            response_bytes: self.response_bytes,
            messages_received: received.map_or(0, |it| it.messages()),
            messages_sent: messages.map_or(0, Messages::count),
            peer: self.observer.peer,
            user_agent: self.user_agent.as_ref(),
            host: authority.or_else(|| self.host.as_ref()?.to_str().ok()),
            request_id: self.request_id.as_ref(),
            outcome,
            context: &self.context,
        });
    }
}

//! What is known of one request at its end.

use std::{
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use http::{HeaderValue, Method, StatusCode, Uri, Version};

use crate::{TraceContext, status};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The peer's connection has accepted the whole response.
    Complete,
    /// The stream or the connection ended before.
    Reset,
    /// The request was refused before the service saw it.
    Refused,
}

/// One request of the public listener, from its head until its response was sent
/// or the stream ended. It borrows what the observer holds.
#[derive(Clone, Copy, Debug)]
pub struct RequestRecord<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The request's target. Its query may hold credentials: log whether there is
    /// one, not its values.
    pub uri: &'a Uri,
    /// The route that matched, for example `/greet/{name}`.
    pub route: Option<&'a str>,
    /// The full method of a gRPC call, for example `helloworld.Greeter/SayHello`;
    /// [`OTHER`](crate::OTHER) if the server does not know it. `None` if the content
    /// type of the request is not one of gRPC.
    pub rpc: Option<&'a str>,
    /// The version of HTTP.
    pub version: Version,
    /// Whether the connection uses TLS.
    pub tls: bool,
    /// The status of the response; `None` if the stream ended before.
    pub status: Option<StatusCode>,
    /// The status code of a gRPC call, from the headers, the trailers or gRPC-Web's
    /// trailers frame; `None` if the stream ended before.
    pub grpc_status: Option<i32>,
    /// When the head of the request had been received.
    pub started: Instant,
    /// The time from then until the end.
    pub duration: Duration,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body.
    pub response_bytes: u64,
    /// gRPC messages received.
    pub messages_received: u64,
    /// gRPC messages sent.
    pub messages_sent: u64,
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// The header `user-agent`.
    pub user_agent: Option<&'a HeaderValue>,
    /// The header `host`, or the authority of HTTP/2.
    pub host: Option<&'a str>,
    /// The header `x-request-id`.
    pub request_id: Option<&'a HeaderValue>,
    /// How the request ended.
    pub outcome: Outcome,
    /// The trace of the request, with this server's span.
    pub context: &'a TraceContext,
}

impl RequestRecord<'_> {
    /// When the head of the request had been received, by the clock of the calendar.
    #[must_use]
    pub fn started_at(&self) -> SystemTime {
        SystemTime::now() - self.started.elapsed()
    }

    /// The status code of a gRPC call, as a client sees it: without one, the stream was
    /// cancelled, or the code follows from the status of HTTP.
    #[must_use]
    pub fn rpc_status(&self) -> i32 {
        match (self.grpc_status, self.status) {
            (Some(code), _) => code,
            (None, Some(status)) if self.outcome != Outcome::Reset => status::of_http(status),
            _ => status::CANCELLED,
        }
    }
}

/// One gRPC call of this process to another.
#[derive(Clone, Copy, Debug)]
pub struct CallRecord<'a> {
    /// The full method, for example `helloworld.Greeter/SayHello`.
    pub method: &'a str,
    /// The status code.
    pub status: i32,
    /// The time until the status.
    pub duration: Duration,
    /// The trace of the call.
    pub context: &'a TraceContext,
}

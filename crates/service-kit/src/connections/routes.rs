//! What a server serves, as its connections call it.

use std::{pin::Pin, sync::Arc, task::Context};

use axum::{body::Body, extract::MatchedPath};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use telemetry::TraceContext;

use super::request_body::RequestBody;

/// The routes of one worker.
pub trait Routes: Send + Sync {
    /// Responds to a request. The task context is the one of the request: what is ready
    /// at once needs no future.
    fn call(&self, call: Call, context: &mut Context<'_>) -> Reply;
}

/// A request.
#[derive(Debug)]
pub struct Call {
    /// The request.
    pub request: Request<RequestBody>,
    /// The span of the request; `None` if requests are not observed.
    pub trace: Option<TraceContext>,
}

/// The response to a request, now or later.
#[expect(clippy::large_enum_variant, reason = "a box would cost an allocation")]
pub enum Reply {
    /// The response.
    Ready(Answer),
    /// What waits for the response.
    Later(Pin<Box<dyn Future<Output = Answer> + Send>>),
}

/// A response, and what the routes report about the request.
#[derive(Debug)]
pub struct Answer {
    /// The response, without headers of a connection, such as `connection`: over HTTP/2,
    /// they reset the stream.
    pub response: Response<Content>,
    /// The route that matched, for example `/greet/{name}`.
    pub route: Option<Route>,
    /// The full method of a gRPC call, for example `helloworld.Greeter/SayHello`. With
    /// it, a method is in the metrics from the first call on; without it, after a call
    /// that succeeded.
    pub rpc: Option<&'static str>,
}

/// The route of a request.
#[derive(Clone, Debug)]
pub enum Route {
    /// A route that axum has matched.
    Matched(MatchedPath),
    /// A route that needs no match.
    Fixed(&'static str),
}

impl Route {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Matched(path) => path.as_str(),
            Self::Fixed(path) => path,
        }
    }
}

/// The content of a response.
#[derive(Debug)]
pub enum Content {
    /// All of it.
    Whole {
        /// The body.
        data: Bytes,
        /// What follows the body, in HTTP/2.
        trailers: Option<HeaderMap>,
    },
    /// A body that may not be complete yet.
    Body(Body),
}

/// The routes of a worker, which its connections share.
pub(crate) type SharedRoutes = Arc<dyn Routes>;

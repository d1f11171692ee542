//! The gRPC calls to the greeter, each with a span and a deadline.

mod call;
mod deadline;

use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use futures_util::{StreamExt, stream};
use greeter_proto::helloworld::{HelloReply, HelloRequest, greeter_client::GreeterClient};
use service_kit::{ClientSpan, Telemetry, TraceContext};
use tonic::{
    Code, Extensions, Request, Response, Status,
    metadata::MetadataMap,
    transport::{Channel, Endpoint},
};

pub(crate) use self::call::Replies;
use self::{call::Call, deadline::deadline};

const METHOD: &str = "helloworld.Greeter/SayHello";
const STREAMING_METHOD: &str = "helloworld.Greeter/SayHelloBidiStream";

/// The longest timeout that a caller can request, so that calls to a greeter that
/// does not respond end.
const MAX_CALLER_TIMEOUT: Duration = Duration::from_secs(60);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const KEEPALIVE: Duration = Duration::from_secs(60);

/// What the greeter may send on one stream before it is read: the longest reply, and
/// most of the next.
pub(crate) const STREAM_WINDOW: u32 = 8 * 1024;

/// The same for the connection: enough for all requests that a server has in flight,
/// so that streams that clients do not read cannot stop the others.
const CONNECTION_WINDOW: u32 = 1000 * STREAM_WINDOW;

/// A client of the greeter with one connection, made at the first call.
#[derive(Clone, Debug)]
pub(crate) struct Greeter {
    client: GreeterClient<Channel>,
    uri: Uri,
    telemetry: Telemetry,
    default_timeout: Duration,
}

impl Greeter {
    pub(crate) fn new(
        endpoint: &Endpoint,
        default_timeout: Duration,
        telemetry: Telemetry,
    ) -> Self {
        let channel = endpoint
            .clone()
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .connect_lazy();
        Self {
            client: GreeterClient::new(channel),
            uri: endpoint.uri().clone(),
            telemetry,
            default_timeout,
        }
    }

    /// Greets `name`. The trace and the deadline come from the headers of the
    /// incoming request, whose span is the parent of the call's.
    ///
    /// # Errors
    /// The greeter's status, `UNAVAILABLE` if it cannot be reached, or
    /// `DEADLINE_EXCEEDED` if it does not respond in time.
    pub(crate) async fn greet(
        &self,
        name: String,
        headers: &HeaderMap,
        context: Option<&TraceContext>,
    ) -> Result<Response<HelloReply>, Status> {
        let (mut call, request) = self.start(METHOD, headers, context);
        let request = request.map(|()| HelloRequest { name });
        let mut client = self.client.clone();
        let response = call.response(client.say_hello(request)).await?;
        call.end(Code::Ok);
        Ok(response)
    }

    /// Greets `name` so many times in one streaming call.
    ///
    /// # Errors
    /// As [`Self::greet`].
    pub(crate) async fn greet_often(
        &self,
        name: String,
        count: usize,
        headers: &HeaderMap,
        context: Option<&TraceContext>,
    ) -> Result<Replies, Status> {
        let (mut call, request) = self.start(STREAMING_METHOD, headers, context);
        // The copies are made when they are sent.
        let names = stream::repeat(HelloRequest { name }).take(count);
        let mut client = self.client.clone();
        let response = client.say_hello_bidi_stream(request.map(|()| names));
        let (metadata, replies, _) = call.response(response).await?.into_parts();
        Ok(Replies {
            call,
            metadata,
            replies,
        })
    }

    /// Starts a call: its span, and a request with the tracing headers and the
    /// deadline.
    fn start(
        &self,
        method: &'static str,
        headers: &HeaderMap,
        context: Option<&TraceContext>,
    ) -> (Call, Request<()>) {
        // A request that is not observed has no context yet.
        let parent = context.map_or_else(|| self.telemetry.context(headers), Clone::clone);
        let authority = self.uri.authority();
        let span = ClientSpan::start(&self.telemetry, parent.child(), method, authority);
        let metadata = MetadataMap::from_headers(span.headers(headers));
        let timeout = self.timeout(headers);
        let mut request = Request::from_parts(metadata, Extensions::default(), ());
        request.set_timeout(timeout);
        (Call::new(span, timeout), request)
    }

    fn timeout(&self, headers: &HeaderMap) -> Duration {
        deadline(headers)
            .map(|timeout| timeout.min(MAX_CALLER_TIMEOUT))
            .unwrap_or(self.default_timeout.min(greeter_proto::MAX_TIMEOUT))
    }
}

/// The metadata and the deadline that a request passes on, for the fuzz targets.
#[cfg(fuzzing)]
#[must_use]
pub fn passed_on(headers: &HeaderMap) -> (MetadataMap, Option<Duration>) {
    let metadata = MetadataMap::from_headers(service_kit::passed_on(headers));
    (metadata, deadline(headers))
}

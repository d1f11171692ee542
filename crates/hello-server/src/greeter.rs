//! The gRPC call to the greeter, with a span and a deadline.

use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use cli_kit::causes;
use greeter_proto::helloworld::{HelloReply, HelloRequest, greeter_client::GreeterClient};
use service_kit::{ClientSpan, Telemetry, TraceContext};
use tonic::{
    Code, Extensions, Request, Response, Status,
    metadata::MetadataMap,
    transport::{Channel, Endpoint},
};

/// The method of each call.
const METHOD: &str = "helloworld.Greeter/SayHello";

/// The longest timeout that a caller can request, so that calls to a greeter that
/// does not respond end.
const MAX_CALLER_TIMEOUT: Duration = Duration::from_secs(60);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const KEEPALIVE: Duration = Duration::from_secs(60);

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
        self.call(METHOD, headers, context, async |mut client, request| {
            let request = request.map(|()| HelloRequest { name });
            client.say_hello(request).await
        })
        .await
    }

    /// Calls the greeter: with a span, a request that has the tracing headers and the
    /// deadline, and at most until then.
    pub(crate) async fn call<T>(
        &self,
        method: &str,
        headers: &HeaderMap,
        context: Option<&TraceContext>,
        call: impl AsyncFnOnce(GreeterClient<Channel>, Request<()>) -> Result<T, Status>,
    ) -> Result<T, Status> {
        // A request that is not observed has no context yet.
        let parent = context.map_or_else(|| self.telemetry.context(headers), Clone::clone);
        let authority = self.uri.authority();
        let span = ClientSpan::start(&self.telemetry, parent.child(), method, authority);
        let tracing = span.headers(headers);
        let timeout = self.timeout(headers);
        let metadata = MetadataMap::from_headers(tracing);
        let mut request = Request::from_parts(metadata, Extensions::default(), ());
        request.set_timeout(timeout);
        let called = call(self.client.clone(), request);
        let result = match tokio::time::timeout(timeout, called).await {
            Ok(result) if !result.as_ref().is_err_and(timed_out) => result,
            _ => Err(Status::deadline_exceeded(format!(
                "no response from the greeter within {timeout:?}"
            ))),
        };
        let code = result.as_ref().map_or_else(Status::code, |_| Code::Ok);
        span.end(code.into());
        result
    }

    fn timeout(&self, headers: &HeaderMap) -> Duration {
        deadline(headers)
            .map(|timeout| timeout.min(MAX_CALLER_TIMEOUT))
            .unwrap_or(self.default_timeout.min(greeter_proto::MAX_TIMEOUT))
    }
}

/// Whether tonic's channel enforced the timeout. It has the same timeout, may be
/// first, and then reports `CANCELLED`.
fn timed_out(status: &Status) -> bool {
    causes(status).any(|cause| cause.is::<tonic::TimeoutExpired>())
}

/// The metadata and the deadline that a request passes on, for the fuzz targets.
#[cfg(fuzzing)]
#[must_use]
pub fn passed_on(headers: &HeaderMap) -> (MetadataMap, Option<Duration>) {
    let metadata = MetadataMap::from_headers(service_kit::passed_on(headers));
    (metadata, deadline(headers))
}

/// The request's remaining time: the shorter of `grpc-timeout` and Envoy's
/// `x-envoy-expected-rq-timeout-ms`.
fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let value = |name| headers.get(name)?.to_str().ok();
    let from_envoy = value("x-envoy-expected-rq-timeout-ms")
        .and_then(|milliseconds| milliseconds.parse().ok())
        .map(Duration::from_millis);
    let from_caller = value("grpc-timeout").and_then(greeter_proto::parse_timeout);
    from_envoy.into_iter().chain(from_caller).min()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn takes_the_shorter_deadline() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect::<HeaderMap>()
        };
        let envoy = ("x-envoy-expected-rq-timeout-ms", "250");
        assert_eq!(deadline(&headers(&[])), None);
        assert_eq!(
            deadline(&headers(&[envoy])),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            deadline(&headers(&[envoy, ("grpc-timeout", "100m")])),
            Some(Duration::from_millis(100))
        );
        assert_eq!(
            deadline(&headers(&[envoy, ("grpc-timeout", "1S")])),
            Some(Duration::from_millis(250))
        );
    }
}

//! The time that a request leaves for the call.

use std::time::Duration;

use axum::http::HeaderMap;

/// The request's remaining time: the shorter of `grpc-timeout` and Envoy's
/// `x-envoy-expected-rq-timeout-ms`.
pub(super) fn deadline(headers: &HeaderMap) -> Option<Duration> {
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

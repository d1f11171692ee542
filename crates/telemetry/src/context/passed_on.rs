//! The tracing headers that a server passes on in the calls that a request causes.

use http::{HeaderMap, HeaderName};

/// The trace context headers that Istio's documentation lists, of all tracing
/// systems, because the mesh chooses the system; and W3C `baggage`.
const NAMES: [&str; 17] = [
    "x-request-id",
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "x-ot-span-context",
    "x-cloud-trace-context",
    "grpc-trace-bin",
    "sw8",
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
];

/// The tracing headers of a request, unchanged.
#[must_use]
pub fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let named = |name: HeaderName| {
        let values = headers.get_all(&name).iter().cloned();
        values.map(move |value| (name.clone(), value))
    };
    let names = NAMES.into_iter().map(HeaderName::from_static);
    names.flat_map(named).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn passes_tracing_headers_on_and_no_others() {
        let mut headers = HeaderMap::new();
        for name in [
            "traceparent",
            "tracestate",
            "x-request-id",
            "baggage",
            "cookie",
            "authorization",
        ] {
            headers.append(name, HeaderValue::from_static("1"));
        }
        headers.append("tracestate", HeaderValue::from_static("2"));
        let passed = passed_on(&headers);
        assert_eq!(passed.len(), 5);
        assert_eq!(passed.get_all("tracestate").iter().count(), 2);
    }
}

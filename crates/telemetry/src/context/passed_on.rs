//! The tracing headers that a server passes on in the calls that a request causes.

use http::{HeaderMap, HeaderName, HeaderValue};

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
    // Few headers are compared with few names: that costs less than to look for each.
    let found = headers
        .iter()
        .filter(|(name, _)| NAMES.contains(&name.as_str()));
    let copy = |(name, value): (&HeaderName, &HeaderValue)| (name.clone(), value.clone());
    found.map(copy).collect()
}

#[cfg(test)]
mod tests {
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

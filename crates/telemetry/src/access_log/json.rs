//! Lines for log collectors, with the fields that Google Cloud's Logging reads.

use tracing::Level;

use super::fields::{Fields, outcome, protocol};
use crate::{RequestRecord, log::Line};

/// The line of a request. With the Google Cloud project, its trace id links to Cloud
/// Trace.
pub(super) fn line(level: Level, request: &RequestRecord<'_>, project: Option<&str>) -> Vec<u8> {
    let fields = Fields::of(request);
    let mut line = Line::new(level);
    line.field("message", "request");
    line.object("httpRequest", |http| {
        http.field("requestMethod", fields.method);
        http.field("requestUrl", fields.path);
        http.optional("status", request.status.map(|it| it.as_u16()));
        http.field("requestSize", request.request_bytes);
        http.field("responseSize", request.response_bytes);
        http.optional("userAgent", fields.user_agent);
        http.field("remoteIp", request.peer.ip());
        http.field("latency", format!("{:.6}s", request.duration.as_secs_f64()));
        http.field("protocol", protocol(request.version));
    });
    line.optional("route", fields.route);
    line.optional("rpc", fields.rpc);
    line.optional("grpc_status", fields.grpc_status);
    line.optional("outcome", outcome(request));
    line.optional("request_id", fields.request_id);
    let context = request.context;
    let trace = match project {
        Some(project) => format!("projects/{project}/traces/{}", context.trace_id),
        None => context.trace_id.to_string(),
    };
    line.field("logging.googleapis.com/trace", trace);
    line.field("logging.googleapis.com/spanId", context.span_id.to_string());
    line.field("logging.googleapis.com/trace_sampled", context.sampled);
    line.end()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use http::{HeaderValue, Method, StatusCode, Uri, Version};
    use serde_json::{Value, json};

    use super::*;
    use crate::{Outcome, SpanId, TraceContext, TraceId};

    #[test]
    fn has_the_fields_of_google_cloud() {
        let context = context();
        let uri = Uri::from_static("/greet/a%22b?token=secret");
        let request = RequestRecord {
            user_agent: Some(&HeaderValue::from_static("curl/8 \"x\"")),
            request_id: Some(&HeaderValue::from_static("id-1")),
            context: &context,
            ..request(&Method::GET, &uri, &context)
        };
        let line = line(Level::INFO, &request, Some("shop"));
        let mut line: Value = serde_json::from_slice(&line).unwrap();
        line["time"].take();
        let expected = json!({
            "severity": "INFO",
            "time": null,
            "message": "request",
            "httpRequest": {
                "requestMethod": "GET",
                "requestUrl": "/greet/a%22b",
                "status": 200,
                "requestSize": 1,
                "responseSize": 2,
                "userAgent": "curl/8 \"x\"",
                "remoteIp": "127.0.0.1",
                "latency": "0.001500s",
                "protocol": "HTTP/2",
            },
            "route": "/greet/{name}",
            "request_id": "id-1",
            "logging.googleapis.com/trace": format!("projects/shop/traces/{}", "ab".repeat(16)),
            "logging.googleapis.com/spanId": "01".repeat(8),
            "logging.googleapis.com/trace_sampled": true,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn is_never_longer_than_a_kilobyte() {
        let context = context();
        let text = "\"~".repeat(4000);
        let path: Uri = format!("/{text}").parse().unwrap();
        let value = HeaderValue::from_bytes(&b"\xff\"\t".repeat(3000)).unwrap();
        let method = Method::from_bytes(&[b'A'; 4000]).unwrap();
        let request = RequestRecord {
            rpc: Some(&text),
            route: Some(&text),
            grpc_status: Some(16),
            outcome: Outcome::Refused,
            request_bytes: u64::MAX,
            response_bytes: u64::MAX,
            user_agent: Some(&value),
            request_id: Some(&value),
            duration: Duration::from_secs(99_999_999),
            peer: "[1111:2222:3333:4444:5555:6666:7777:8888]:50000"
                .parse()
                .unwrap(),
            ..request(&method, &path, &context)
        };
        let line = line(Level::INFO, &request, None);
        serde_json::from_slice::<Value>(&line).unwrap();
        assert!(line.len() <= 1000, "{}", line.len());
    }

    fn context() -> TraceContext {
        TraceContext {
            trace_id: TraceId([0xab; 16]),
            span_id: SpanId([1; 8]),
            parent_span_id: None,
            sampled: true,
            tracestate: None,
        }
    }

    fn request<'a>(
        method: &'a Method,
        uri: &'a Uri,
        context: &'a TraceContext,
    ) -> RequestRecord<'a> {
        RequestRecord {
            method,
            uri,
            route: Some("/greet/{name}"),
            rpc: None,
            version: Version::HTTP_2,
            tls: false,
            status: Some(StatusCode::OK),
            grpc_status: None,
            started: Instant::now(),
            duration: Duration::from_micros(1500),
            request_bytes: 1,
            response_bytes: 2,
            messages_received: 0,
            messages_sent: 0,
            peer: "127.0.0.1:1".parse().unwrap(),
            user_agent: None,
            host: None,
            request_id: None,
            outcome: Outcome::Complete,
            context,
        }
    }
}

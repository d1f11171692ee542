//! A span that was received, in the form that tests compare.

use std::{collections::BTreeMap, fmt::Write};

use axum::http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};

/// A span with its resource.
#[derive(Clone, Debug)]
pub struct ReceivedSpan {
    /// The resource's `service.name`.
    pub service: String,
    /// The attributes of the resource.
    pub resource: BTreeMap<String, String>,
    /// The span's name.
    pub name: String,
    /// `SERVER`, `CLIENT` and so on.
    pub kind: &'static str,
    /// In hexadecimal digits.
    pub trace_id: String,
    /// In hexadecimal digits.
    pub span_id: String,
    /// In hexadecimal digits; empty for a root.
    pub parent: String,
    /// The trace state.
    pub state: String,
    /// The attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Whether the status is an error.
    pub failed: bool,
    /// The time from start to end, in nanoseconds.
    pub nanoseconds: u64,
    /// The headers of the export.
    pub headers: HeaderMap,
}

impl ReceivedSpan {
    pub(super) fn of(request: ExportTraceServiceRequest, headers: &HeaderMap) -> Vec<Self> {
        let mut received = Vec::new();
        for group in request.resource_spans {
            let resource = group.resource.unwrap_or_default().attributes;
            let resource = text(resource);
            let spans = group.scope_spans.into_iter().flat_map(|it| it.spans);
            received.extend(spans.map(|span| Self::new(span, &resource, headers)));
        }
        received
    }

    fn new(span: Span, resource: &BTreeMap<String, String>, headers: &HeaderMap) -> Self {
        let status = span.status.unwrap_or_default();
        Self {
            service: resource.get("service.name").cloned().unwrap_or_default(),
            resource: resource.clone(),
            kind: SpanKind::try_from(span.kind)
                .unwrap_or_default()
                .as_str_name()
                .trim_start_matches("SPAN_KIND_"),
            trace_id: hex(&span.trace_id),
            span_id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            state: span.trace_state,
            attributes: text(span.attributes),
            failed: status.code() == StatusCode::Error,
            nanoseconds: span.end_time_unix_nano - span.start_time_unix_nano,
            name: span.name,
            headers: headers.clone(),
        }
    }

    /// The value of an attribute; empty without it.
    #[must_use]
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

fn text(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let value = |value: Option<AnyValue>| match value.and_then(|it| it.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let pairs = attributes.into_iter();
    pairs.map(|it| (it.key, value(it.value))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

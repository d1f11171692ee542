//! Spans in the form that the SDK exports.

use std::{
    borrow::Cow,
    str::FromStr,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    InstrumentationScope, KeyValue, StringValue, Value,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::TraceContext;

/// The longest text of an attribute. A peer chooses some of them, and a full queue
/// of spans must not fill the memory.
const MAX_TEXT: usize = 256;

/// A span that has ended.
pub(super) struct Span<'a> {
    pub(super) context: &'a TraceContext,
    pub(super) kind: SpanKind,
    pub(super) name: Cow<'static, str>,
    pub(super) started: SystemTime,
    pub(super) duration: Duration,
    pub(super) attributes: Vec<KeyValue>,
    /// The value of `error.type`; `None` if the operation has not failed.
    pub(super) error: Option<Cow<'static, str>>,
}

impl Span<'_> {
    pub(super) fn into_data(self) -> SpanData {
        let Self { context, .. } = self;
        let mut attributes = self.attributes;
        if let Some(error) = &self.error {
            attributes.push(KeyValue::new("error.type", error.clone()));
        }
        let parent = context.parent_span_id;
        SpanData {
            span_context: SpanContext::new(
                TraceId::from_bytes(context.trace_id.0),
                SpanId::from_bytes(context.span_id.0),
                TraceFlags::SAMPLED,
                false,
                state(context),
            ),
            parent_span_id: parent.map_or(SpanId::INVALID, |it| SpanId::from_bytes(it.0)),
            parent_span_is_remote: parent.is_some() && self.kind == SpanKind::Server,
            span_kind: self.kind,
            name: self.name,
            start_time: self.started,
            end_time: self.started + self.duration,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: match self.error {
                Some(_) => Status::error(""),
                None => Status::Unset,
            },
            instrumentation_scope: InstrumentationScope::builder(env!("CARGO_PKG_NAME")).build(),
        }
    }
}

/// The `tracestate`; one that is invalid is dropped.
fn state(context: &TraceContext) -> TraceState {
    let text = context.tracestate.as_ref().and_then(|it| it.to_str().ok());
    let state = text.filter(|text| text.len() <= 2 * MAX_TEXT);
    state
        .and_then(|state| TraceState::from_str(state).ok())
        .unwrap_or_default()
}

/// An attribute of text that the peer may have chosen.
pub(super) fn text(key: &'static str, value: &str) -> KeyValue {
    let end = value.floor_char_boundary(MAX_TEXT);
    KeyValue::new(key, StringValue::from(value[..end].to_owned()))
}

/// An attribute whose text is known at compile time.
pub(super) fn label(key: &'static str, value: &'static str) -> KeyValue {
    KeyValue::new(key, value)
}

/// An attribute that is a number.
pub(super) fn number(key: &'static str, value: impl Into<i64>) -> KeyValue {
    KeyValue::new(key, Value::I64(value.into()))
}

/// `server.address` and `server.port`.
pub(super) fn server(attributes: &mut Vec<KeyValue>, authority: &str) {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else {
        return;
    };
    let host = authority.host().trim_matches(['[', ']']);
    attributes.push(text("server.address", host));
    if let Some(port) = authority.port_u16() {
        attributes.push(number("server.port", port));
    }
}

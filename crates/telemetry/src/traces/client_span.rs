//! A gRPC call of this process, in its metrics and in its traces.

use std::time::{Instant, SystemTime};

use http::{HeaderMap, uri::Authority};
use opentelemetry::trace::SpanKind;

use super::span::{Span, label, server, text};
use crate::{CallRecord, Telemetry, TraceContext, passed_on, status};

/// A call from its start to its status. A call that is dropped before its status
/// is recorded as cancelled.
#[derive(Debug)]
pub struct ClientSpan<'a> {
    telemetry: Telemetry,
    context: TraceContext,
    method: &'a str,
    server: Option<Authority>,
    started: Instant,
    started_at: SystemTime,
    status: i32,
}

impl<'a> ClientSpan<'a> {
    /// Starts a call with this context, for example the child of a request's.
    /// `method` is the full one, for example `helloworld.Greeter/SayHello`.
    #[must_use]
    pub fn start(
        telemetry: &Telemetry,
        context: TraceContext,
        method: &'a str,
        server: Option<&Authority>,
    ) -> Self {
        Self {
            telemetry: telemetry.clone(),
            context,
            method,
            server: server.cloned(),
            started: Instant::now(),
            started_at: SystemTime::now(),
            status: status::CANCELLED,
        }
    }

    /// The context of the call.
    #[must_use]
    pub fn context(&self) -> &TraceContext {
        &self.context
    }

    /// The tracing headers for the call: those of the request that causes it, in its
    /// formats, and with this span as the parent. If no spans are exported, they are
    /// unchanged: the parent that they name is one that exists.
    #[must_use]
    pub fn headers(&self, request: &HeaderMap) -> HeaderMap {
        let mut headers = passed_on(request);
        if self.telemetry.traces().is_on() {
            self.context.inject(&mut headers);
        }
        headers
    }

    /// Ends the call with its status code.
    pub fn end(mut self, status: i32) {
        self.status = status;
    }

    fn span(&self) -> Span<'_> {
        let status = status::name(self.status);
        let mut attributes = vec![
            label("rpc.system.name", "grpc"),
            text("rpc.method", self.method),
            label("rpc.response.status_code", status),
        ];
        if let Some(authority) = &self.server {
            server(&mut attributes, authority.as_str());
        }
        Span {
            context: &self.context,
            kind: SpanKind::Client,
            name: self.method.to_owned().into(),
            started: self.started_at,
            duration: self.started.elapsed(),
            attributes,
            error: (self.status != 0).then_some(status.into()),
        }
    }
}

impl Drop for ClientSpan<'_> {
    fn drop(&mut self) {
        self.telemetry.record_call(&CallRecord {
            method: self.method,
            status: self.status,
            duration: self.started.elapsed(),
            context: &self.context,
        });
        if self.context.sampled {
            self.telemetry.traces().export(|| self.span());
        }
    }
}

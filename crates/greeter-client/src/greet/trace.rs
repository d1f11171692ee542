//! The trace of the greetings of one run.

use std::{env, time::Duration};

use anyhow::Context;
use http::uri::Authority;
use telemetry::{
    AccessLogConfig, AccessLogShare, ClientSpan, Environment, Switch, Telemetry, TelemetryConfig,
    TraceContext, TraceId, Version,
};

use crate::output::stderr;

/// The longest time that the program waits for the collector at its end.
const FLUSH: Duration = Duration::from_secs(2);

/// A sampled trace, and the export of its spans.
#[derive(Debug)]
pub struct Trace {
    telemetry: Telemetry,
    context: TraceContext,
}

impl Trace {
    /// Starts a trace, or continues the one in `TRACEPARENT`.
    ///
    /// # Errors
    /// If that or a variable of OpenTelemetry has an invalid value.
    pub fn start() -> anyhow::Result<Self> {
        let traceparent = env::var("TRACEPARENT").ok().filter(|it| !it.is_empty());
        let mut context = match traceparent {
            None => TraceContext::root(true),
            Some(text) => TraceContext::continued(&text).with_context(|| {
                format!(
                    "TRACEPARENT={text} is invalid; write it as 00-TRACE_ID-SPAN_ID-01, or unset it"
                )
            })?,
        };
        context.sampled = true;
        let version = Version {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            commit: build_info::COMMIT,
            built: build_info::DATE,
        };
        let config = TelemetryConfig {
            metrics: Switch::Off,
            environment: Environment::of_process(),
            access_log: AccessLogConfig {
                access_log: AccessLogShare::Off,
                access_log_rate: 1,
            },
        };
        Ok(Self {
            telemetry: Telemetry::start(&config, version)?,
            context,
        })
    }

    /// The id of the trace.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.context.trace_id
    }

    /// Starts the span of a call: a child of the span in `TRACEPARENT`, or else a root.
    pub(super) fn call<'a>(&self, method: &'a str, server: &Authority) -> ClientSpan<'a> {
        let context = TraceContext {
            parent_span_id: self.context.parent_span_id,
            ..self.context.child()
        };
        ClientSpan::start(&self.telemetry, context, method, Some(server))
    }

    /// Exports the spans, and reports on standard error if that fails.
    pub async fn finish(&self) {
        if let Err(error) = self.telemetry.finish(FLUSH).await {
            stderr::error(format_args!(
                "warning: the spans were not exported: {error:#}; check \
                 OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL"
            ));
        }
    }
}

//! The handle through which a process reports to its signals.

use std::{sync::Arc, time::Duration};

use http::HeaderMap;
use serde::Serialize;

use crate::{
    CallRecord, Handshake, RequestRecord, ServerState, Switch, TelemetryConfig, TraceContext,
    access_log::AccessLog,
    methods::{KnownMethods, OTHER},
    metrics::Metrics,
    traces::Traces,
};

/// A program's name, version and build.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Version {
    /// The program's name.
    pub name: &'static str,
    /// Its semantic version.
    pub version: &'static str,
    /// The hash of the commit that it was built from.
    pub commit: &'static str,
    /// The day of the build, `YYYY-MM-DD`.
    pub built: &'static str,
}

/// The signals of one process; clones share them.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Signals>);

#[derive(Debug)]
struct Signals {
    version: Version,
    /// `None` if they are off.
    metrics: Option<Metrics>,
    traces: Traces,
    methods: KnownMethods,
    access_log: AccessLog,
}

impl Telemetry {
    /// Starts the signals.
    ///
    /// # Errors
    /// If one cannot be started.
    pub fn start(config: &TelemetryConfig, version: Version) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Signals {
            version,
            metrics: (config.metrics == Switch::On).then(|| Metrics::new(version)),
            traces: Traces::start(&config.environment, version)?,
            methods: KnownMethods::default(),
            access_log: AccessLog::new(&config.access_log),
        })))
    }

    /// The program whose signals these are.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// Whether a signal is on. If not, there is no need to observe requests.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.metrics.is_some() || self.0.traces.is_on() || self.0.access_log.is_on()
    }

    /// The trace context of a request with these headers.
    #[must_use]
    pub fn context(&self, headers: &HeaderMap) -> TraceContext {
        self.0.traces.context(headers)
    }

    /// Whether spans are exported.
    #[must_use]
    pub fn exports_spans(&self) -> bool {
        self.0.traces.is_on()
    }

    /// Exports the spans that are left, for at most `limit`, and ends the export.
    ///
    /// # Errors
    /// If the collector has not accepted them in time.
    pub async fn finish(&self, limit: Duration) -> anyhow::Result<()> {
        self.0.traces.finish(limit).await
    }

    pub(crate) fn traces(&self) -> &Traces {
        &self.0.traces
    }

    /// Passes a request that has ended to each signal.
    pub fn record(&self, request: &RequestRecord<'_>) {
        if let Some(metrics) = &self.0.metrics {
            metrics.record(request);
        }
        self.0.traces.record(request);
        self.0.access_log.record(request);
    }

    /// Counts a call of this process to another.
    pub fn record_call(&self, call: &CallRecord<'_>) {
        if let Some(metrics) = &self.0.metrics {
            metrics.record_call(call);
        }
    }

    /// Counts a connection that the server closed.
    pub fn connection_closed(&self, reason: &'static str) {
        if let Some(metrics) = &self.0.metrics {
            metrics.events.closed(reason);
        }
    }

    /// Counts a TLS handshake.
    pub fn handshake(&self, result: Handshake) {
        if let Some(metrics) = &self.0.metrics {
            metrics.events.handshake(result);
        }
    }

    /// Sets what reads the server's state for a scrape.
    pub fn read_state_with(&self, read: impl Fn() -> ServerState + Send + Sync + 'static) {
        if let Some(metrics) = &self.0.metrics {
            metrics.server.read_with(Box::new(read));
        }
    }

    /// The metrics as text, in OpenMetrics or Prometheus's classic format; `None` if
    /// they are off.
    #[must_use]
    pub fn metrics(&self, openmetrics: bool) -> Option<String> {
        // Writing into a String does not fail.
        self.0.metrics.as_ref()?.text(openmetrics).ok()
    }

    /// The method of a call of a service that does not declare its methods, as the
    /// value of a label: [`OTHER`] until a call of it has succeeded.
    #[must_use]
    pub fn rpc_method<'a>(&self, method: &'a str, succeeded: bool) -> &'a str {
        if self.0.methods.knows(method, succeeded) {
            method
        } else {
            OTHER
        }
    }
}

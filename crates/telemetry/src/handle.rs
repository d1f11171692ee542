//! The handle through which a process reports to its signals.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    RequestRecord, TelemetryConfig,
    methods::{KnownMethods, OTHER},
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
    methods: KnownMethods,
}

impl Telemetry {
    /// Starts the signals.
    ///
    /// # Errors
    /// If one cannot be started.
    pub fn start(_config: &TelemetryConfig, version: Version) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Signals {
            version,
            methods: KnownMethods::default(),
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
        true
    }

    /// Passes a request that has ended to each signal.
    pub fn record(&self, _request: &RequestRecord<'_>) {
        // Metrics: self.0.metrics.record(request);
        // Traces: self.0.traces.record(request);
        // Access log: self.0.access_log.record(request);
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

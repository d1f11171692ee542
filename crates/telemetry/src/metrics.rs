//! The metrics of one process, named by OpenTelemetry's semantic conventions in
//! their Prometheus form.

mod calls;
mod classic;
mod events;
mod histogram;
mod http;
mod names;
mod process;
mod server;

use std::fmt;

use prometheus_client::{encoding::text, registry::Registry};

use self::{calls::Calls, events::Events, http::Requests, process::Process, server::Server};
pub use self::{
    events::Handshake,
    server::{OpenConnections, ServerState},
};
use crate::{CallRecord, Outcome, RequestRecord, Version};

/// The media type of OpenMetrics.
pub const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The media type of Prometheus's own text format.
pub const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All series, and what is read when they are scraped.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Requests,
    server_calls: Calls,
    client_calls: Calls,
    pub(crate) events: Events,
    pub(crate) server: Server,
}

impl Metrics {
    pub(crate) fn new(version: Version) -> Self {
        let mut registry = Registry::default();
        let server = Server::new(version);
        registry.register_collector(Box::new(server.clone()));
        registry.register_collector(Box::new(Process::new()));
        Self {
            requests: Requests::new(&mut registry),
            server_calls: Calls::of_server(&mut registry),
            client_calls: Calls::of_client(&mut registry),
            events: Events::new(&mut registry),
            server,
            registry,
        }
    }

    /// Counts a request that has ended: as a call if it is gRPC, or else as HTTP.
    pub(crate) fn record(&self, request: &RequestRecord<'_>) {
        if request.outcome == Outcome::Refused {
            self.events.refused();
            // A stream that is refused is sent again: it has no response.
            if request.status.is_none() {
                return;
            }
        }
        match request.rpc {
            None => self.requests.record(request),
            Some(method) => self.server_calls.record_request(method, request),
        }
    }

    /// Counts a call of this process to another.
    pub(crate) fn record_call(&self, call: &CallRecord<'_>) {
        self.client_calls.record(call);
    }

    /// All series as text, in OpenMetrics or Prometheus's classic format.
    pub(crate) fn text(&self, openmetrics: bool) -> Result<String, fmt::Error> {
        let mut series = String::new();
        text::encode(&mut series, &self.registry)?;
        Ok(if openmetrics {
            series
        } else {
            classic::from_openmetrics(&series)
        })
    }
}

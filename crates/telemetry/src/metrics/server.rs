//! The gauges of the server, read when they are scraped.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeGaugeValue, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter},
};

use crate::{
    Version,
    log::{self, DroppedLines},
};

/// The server's state at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerState {
    /// Whether it is ready for new requests.
    pub ready: bool,
    /// The requests in flight.
    pub active_requests: usize,
    /// The limit of requests in flight.
    pub max_requests: usize,
    /// The open connections.
    pub connections: OpenConnections,
    /// The limit of connections.
    pub max_connections: u32,
    /// The end of the certificate's validity, in seconds since 1970; `None` without
    /// TLS.
    pub certificate_not_after: Option<i64>,
}

/// How many connections are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenConnections {
    /// Those that speak HTTP/1.1.
    pub http1: usize,
    /// Those that speak HTTP/2.
    pub http2: usize,
    /// Those whose peers have not sent enough to know.
    pub unknown: usize,
}

type Read = Box<dyn Fn() -> ServerState + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Server {
    version: Version,
    read: Arc<OnceLock<Read>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            read: Arc::default(),
        }
    }

    /// Sets what reads the state; only the first one counts.
    pub(crate) fn read_with(&self, read: Read) {
        let _ = self.read.set(read);
    }
}

/// Writes gauges.
pub(super) struct Gauges<'a>(pub(super) DescriptorEncoder<'a>);

impl Gauges<'_> {
    pub(super) fn add(
        &mut self,
        name: &str,
        help: &str,
        value: impl EncodeGaugeValue,
    ) -> fmt::Result {
        let mut metric = self
            .0
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        metric.encode_gauge(&value)
    }
}

impl Collector for Server {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauges = Gauges(encoder);
        let mut build = gauges.0.encode_descriptor(
            "build_info",
            "The program, its version and its commit.",
            None,
            MetricType::Gauge,
        )?;
        let labels = [
            ("program", self.version.name),
            ("version", self.version.version),
            ("commit", self.version.commit),
        ];
        build.encode_family(&labels)?.encode_gauge(&1)?;
        encode_dropped_lines(&mut gauges, log::dropped_lines())?;
        let Some(read) = self.read.get() else {
            return Ok(());
        };
        encode_state(&mut gauges, read())
    }
}

fn encode_dropped_lines(gauges: &mut Gauges<'_>, dropped: DroppedLines) -> fmt::Result {
    let mut family = gauges.0.encode_descriptor(
        "log_lines_dropped",
        "Log lines that were left out, by reason.",
        None,
        MetricType::Counter,
    )?;
    let reasons = [
        ("access_log_rate", dropped.over_rate),
        ("output_blocked", dropped.not_read),
    ];
    for (reason, lines) in reasons {
        let labels = [("reason", reason)];
        ConstCounter::new(lines).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn encode_state(gauges: &mut Gauges<'_>, state: ServerState) -> fmt::Result {
    gauges.add(
        "server_ready",
        "1 while the server is ready for new requests.",
        u32::from(state.ready),
    )?;
    gauges.add(
        "http_server_active_requests",
        "Requests in flight, of HTTP and gRPC.",
        state.active_requests as u64,
    )?;
    gauges.add(
        "http_server_max_requests",
        "Limit of requests in flight (--max-requests).",
        state.max_requests as u64,
    )?;
    let mut connections = gauges.0.encode_descriptor(
        "server_active_connections",
        "Open connections, by version of HTTP.",
        None,
        MetricType::Gauge,
    )?;
    let OpenConnections {
        http1,
        http2,
        unknown,
    } = state.connections;
    for (version, count) in [("1.1", http1), ("2", http2), ("unknown", unknown)] {
        let labels = [("network_protocol_version", version)];
        connections
            .encode_family(&labels)?
            .encode_gauge(&(count as u64))?;
    }
    gauges.add(
        "server_max_connections",
        "Limit of connections (--max-connections).",
        state.max_connections,
    )?;
    let Some(not_after) = state.certificate_not_after else {
        return Ok(());
    };
    gauges.add(
        "tls_server_certificate_not_after_timestamp_seconds",
        "End of the certificate's validity, in seconds since 1970.",
        not_after,
    )
}

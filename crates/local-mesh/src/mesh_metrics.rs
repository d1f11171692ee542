//! Istio's standard metrics of requests. In Istio, the filter `istio.stats` of each
//! proxy makes them. Envoy outside Istio has no such filter, so they are derived from
//! its access log: each request of the log counts once, and nothing else does.
//!
//! One Envoy stands for the proxies of both ends. As in Istio, a request counts with
//! `reporter="source"`, and if it reached a server, with `reporter="destination"`, too.
//! What differs: an attempt that was retried is not in the access log, so the
//! destination reports the last attempt only.

mod labels;
mod scrape;

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use self::labels::Labels;
use crate::envoy::AccessLogEntry;

pub(crate) use self::{labels::Workload, scrape::serve};

/// Istio's buckets, in milliseconds.
const BUCKETS: [f64; 19] = [
    0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4, 3e5, 6e5,
    1.8e6, 3.6e6,
];

/// The metrics of a mesh. Clones share them.
#[derive(Clone)]
pub(crate) struct MeshMetrics(Arc<Shared>);

struct Shared {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    workloads: RwLock<HashMap<SocketAddr, Workload>>,
}

impl MeshMetrics {
    /// Metrics without a request.
    pub(crate) fn new() -> Self {
        let requests = Family::<Labels, Counter>::default();
        let durations: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let mut registry = Registry::default();
        registry.register(
            "istio_requests",
            "Requests, derived from Envoy's access log",
            requests.clone(),
        );
        registry.register(
            "istio_request_duration_milliseconds",
            "Duration of requests, derived from Envoy's access log",
            durations.clone(),
        );
        Self(Arc::new(Shared {
            registry,
            requests,
            durations,
            workloads: RwLock::default(),
        }))
    }

    /// Names the server at an address.
    pub(crate) fn add_workload(&self, address: SocketAddr, workload: Workload) {
        let mut workloads = self.0.workloads.write();
        let workloads = workloads.as_mut().unwrap_or_else(PoisonError::get_mut);
        workloads.insert(address, workload);
    }

    /// Counts a request.
    pub(crate) fn record(&self, entry: &AccessLogEntry) {
        let workloads = self.0.workloads.read();
        let workloads = workloads.unwrap_or_else(PoisonError::into_inner);
        let address = entry.upstream_host.as_ref();
        let address = address.and_then(|it| it.parse::<SocketAddr>().ok());
        let workload = address.and_then(|it| workloads.get(&it));
        self.count(Labels::of_source(entry, workload), entry.duration);
        if let (Some(workload), Some(duration)) = (workload, entry.upstream_duration) {
            self.count(Labels::of_destination(entry, workload), duration);
        }
    }

    fn count(&self, labels: Labels, milliseconds: u64) {
        self.0.requests.get_or_create(&labels).inc();
        // The longest duration of a request is far below 2^52 ms.
        #[allow(clippy::cast_precision_loss)]
        let milliseconds = milliseconds as f64;
        self.0
            .durations
            .get_or_create(&labels)
            .observe(milliseconds);
    }

    /// The metrics in Prometheus' text format, which Envoy's have, too. In
    /// OpenMetrics, the type of a counter is that of its name without `_total`.
    fn encode(&self) -> String {
        let mut encoded = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode_registry(&mut encoded, &self.0.registry);
        ["# HELP istio_requests", "# TYPE istio_requests"]
            .iter()
            .fold(encoded, |text, line| {
                text.replace(&format!("{line} "), &format!("{line}_total "))
            })
    }
}

impl fmt::Debug for MeshMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MeshMetrics")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(upstream_host: Option<&str>) -> AccessLogEntry {
        serde_json::from_value(json!({
            "proxy": "gateway", "response_code": 200, "duration": 3, "response_flags": "-",
            "grpc_status_number": 0, "upstream_cluster": "greeter",
            "upstream_host": upstream_host, "upstream_duration": upstream_host.map(|_| 2),
        }))
        .unwrap()
    }

    #[test]
    fn both_ends_report_a_request_that_reached_a_server() {
        let metrics = MeshMetrics::new();
        let address = "127.0.0.1:1".parse().unwrap();
        metrics.add_workload(address, Workload::greeter("v2"));
        metrics.record(&entry(Some("127.0.0.1:1")));
        metrics.record(&entry(None));
        let text = metrics.encode();
        let line = |parts: &[&str]| {
            let mut lines = text
                .lines()
                .filter(|it| it.starts_with("istio_requests_total{"));
            lines.any(|it| parts.iter().all(|part| it.contains(part)))
        };
        assert!(
            text.contains("# TYPE istio_requests_total counter"),
            "{text}"
        );
        for parts in [
            &[
                r#"reporter="source""#,
                r#"destination_version="v2""#,
                r#"policy="unknown""#,
            ],
            &[
                r#"reporter="destination""#,
                r#"destination_version="v2""#,
                r#"policy="none""#,
            ],
            &[
                r#"reporter="source""#,
                r#"destination_version="unknown""#,
                r#"request_protocol="grpc""#,
            ],
        ] {
            assert!(line(parts), "no {parts:?} in {text}");
        }
        assert_eq!(text.matches("istio_requests_total{").count(), 3, "{text}");
    }
}

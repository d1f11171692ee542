//! The metrics that dashboards and rules can use.

/// Every metric that the servers, Envoy, Istio, cert-manager and Prometheus
/// export for the dashboards and rules, without the suffixes of histograms.
pub const METRICS: [&str; 33] = [
    // The servers.
    "build_info",
    "http_server_active_requests",
    "http_server_max_requests",
    "http_server_request_duration_seconds",
    "log_lines_dropped_total",
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "rpc_client_call_duration_seconds",
    "rpc_server_call_duration_seconds",
    "rpc_server_messages_total",
    "server_active_connections",
    "server_closed_connections_total",
    "server_max_connections",
    "server_ready",
    "server_refused_requests_total",
    "tls_server_certificate_not_after_timestamp_seconds",
    "tls_server_handshakes_total",
    // Prometheus.
    "up",
    // cert-manager.
    "certmanager_certificate_expiration_timestamp_seconds",
    // Istio.
    "istio_request_duration_milliseconds",
    "istio_requests_total",
    // Envoy.
    "envoy_cluster_circuit_breakers_default_cx_open",
    "envoy_cluster_circuit_breakers_default_rq_open",
    "envoy_cluster_membership_healthy",
    "envoy_cluster_membership_total",
    "envoy_cluster_outlier_detection_ejections_active",
    "envoy_cluster_upstream_rq_pending_overflow",
    "envoy_cluster_upstream_rq_retry",
    "envoy_cluster_upstream_rq_retry_success",
];

//! Istio's kinds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Labels, closed, kubernetes::LabelSelector};

closed! {
    VirtualService { hosts: Vec<String>, gateways: Vec<String>, http: Vec<HttpRoute>, }
    HttpRoute {
        name: String,
        r#match: Vec<HttpMatch>,
        route: Vec<WeightedDestination>,
        mirrors: Vec<Mirror>,
        fault: Fault,
        timeout: String,
        retries: Retries,
    }
    HttpMatch { uri: StringMatch, headers: BTreeMap<String, StringMatch>, }
    StringMatch { exact: String, prefix: String, regex: String, }
    WeightedDestination { destination: Destination, weight: u32, }
    Destination { host: String, port: PortNumber, subset: String, }
    PortNumber { number: u16, }
    Mirror { destination: Destination, percentage: Percentage, }
    Percentage { value: f64, }
    Fault { abort: Abort, delay: Delay, }
    Abort { http_status: u16, grpc_status: String, percentage: Percentage, }
    Delay { fixed_delay: String, percentage: Percentage, }
    Retries {
        attempts: u32,
        per_try_timeout: String,
        retry_on: String,
        retry_ignore_previous_hosts: bool,
        backoff: String,
    }

    Gateway { selector: Labels, servers: Vec<Server>, }
    Server { port: ServerPort, hosts: Vec<String>, tls: ServerTls, }
    ServerPort { number: u16, name: String, protocol: String, }
    ServerTls {
        https_redirect: bool,
        mode: String,
        credential_name: String,
        min_protocol_version: String,
    }

    DestinationRule { host: String, traffic_policy: TrafficPolicy, subsets: Vec<Subset>, }
    Subset { name: String, labels: Labels, }
    TrafficPolicy {
        load_balancer: LoadBalancer,
        connection_pool: ConnectionPool,
        outlier_detection: OutlierDetection,
    }
    LoadBalancer { simple: String, warmup: Warmup, }
    Warmup { duration: String, minimum_percent: f64, }
    ConnectionPool { tcp: TcpPool, http: HttpPool, }
    TcpPool { connect_timeout: String, tcp_keepalive: TcpKeepalive, }
    TcpKeepalive { time: String, interval: String, probes: u32, }
    HttpPool {
        http1_max_pending_requests: u32,
        http2_max_requests: u32,
        http2_keep_alive: Http2KeepAlive,
    }
    Http2KeepAlive { interval: String, timeout: String, }
    OutlierDetection {
        split_external_local_origin_errors: bool,
        consecutive_local_origin_failures: u32,
        #[serde(rename = "consecutive5xxErrors")]
        consecutive_5xx_errors: u32,
        consecutive_gateway_errors: u32,
        interval: String,
        base_ejection_time: String,
        max_ejection_percent: u32,
    }

    AuthorizationPolicy {
        selector: LabelSelector,
        target_refs: Vec<TargetRef>,
        action: String,
        rules: Vec<Rule>,
    }
    TargetRef { group: String, kind: String, name: String, }
    Rule { from: Vec<From>, to: Vec<To>, when: Vec<Condition>, }
    Condition { key: String, values: Vec<String>, not_values: Vec<String>, }
    From { source: Source, }
    Source { service_accounts: Vec<String>, not_request_principals: Vec<String>, }
    To { operation: Operation, }
    Operation {
        ports: Vec<String>,
        not_ports: Vec<String>,
        methods: Vec<String>,
        paths: Vec<String>,
        not_paths: Vec<String>,
    }
    PeerAuthentication {
        selector: LabelSelector,
        mtls: Mtls,
        port_level_mtls: BTreeMap<String, Mtls>,
    }
    Mtls { mode: String, }

    Telemetry {
        selector: LabelSelector,
        target_refs: Vec<TargetRef>,
        tracing: Vec<Tracing>,
        access_logging: Vec<AccessLogging>,
    }
    Tracing { providers: Vec<Provider>, random_sampling_percentage: f64, }
    AccessLogging { providers: Vec<Provider>, filter: LogFilter, }
    Provider { name: String, }
    LogFilter { expression: String, }
}

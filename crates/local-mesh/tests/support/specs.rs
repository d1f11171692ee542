//! The fields that our manifests use, kind by kind: kustomize renders a field
//! that nobody knows, such as a misspelt one, without a word.
//!
//! Written out and closed, because the types of Kubernetes libraries pass over
//! unknown fields, and those of Istio and cert-manager have no such library.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::manifests::{Object, PortRef};

/// Kinds whose fields nobody checks here. A new kind must be added to them, or
/// get a type.
const OPEN: [&str; 11] = [
    "ConfigMap",
    "EnvoyFilter",
    "GCPBackendPolicy",
    "GCPGatewayPolicy",
    "HealthCheckPolicy",
    "HorizontalPodAutoscaler",
    "Namespace",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "RequestAuthentication",
    "ServiceAccount",
];

/// Reads an object by the type of its kind.
///
/// # Errors
/// A field that is unknown or of another type, or an unknown kind.
pub(crate) fn check(object: &Object) -> Result<(), String> {
    let group = object.api_version.split('/').next().unwrap_or_default();
    match (group, object.kind.as_str()) {
        ("apps", "Deployment") => read::<Deployment>(object),
        ("batch", "Job") => read::<Job>(object),
        ("v1", "Service") => read::<Service>(object),
        ("networking.istio.io", "VirtualService") => read::<VirtualService>(object),
        ("networking.istio.io", "Gateway") => read::<IstioGateway>(object),
        ("networking.istio.io", "DestinationRule") => read::<DestinationRule>(object),
        ("security.istio.io", "AuthorizationPolicy") => read::<AuthorizationPolicy>(object),
        ("security.istio.io", "PeerAuthentication") => read::<PeerAuthentication>(object),
        ("gateway.networking.k8s.io", "Gateway") => read::<Gateway>(object),
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute") => read::<Route>(object),
        ("cert-manager.io", "Certificate") => read::<Certificate>(object),
        ("cert-manager.io", "ClusterIssuer") => read::<ClusterIssuer>(object),
        (_, kind) if OPEN.contains(&kind) => Ok(()),
        (group, kind) => Err(format!("{group} has no {kind} that is known here")),
    }
}

fn read<T: DeserializeOwned>(object: &Object) -> Result<(), String> {
    let rest = Value::Object(object.rest.clone());
    match serde_json::from_value::<With<T>>(rest) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

type Labels = BTreeMap<String, String>;

/// Defines types that know the fields given, none of them required: a server
/// says what is missing.
macro_rules! closed {
    ($($name:ident$(<$of:ident>)? { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code, reason = "that they can be read is what counts")]
        struct $name$(<$of>)? {
            $($(#[$meta])* $field: Option<$type>,)*
        }
    )*};
}

closed! {
    With<T> { spec: T, }

    Deployment {
        replicas: u32,
        revision_history_limit: u32,
        strategy: Strategy,
        selector: LabelSelector,
        template: PodTemplate,
    }
    Strategy { rolling_update: RollingUpdate, }
    RollingUpdate { max_unavailable: u32, max_surge: u32, }
    Job {
        backoff_limit: u32,
        active_deadline_seconds: u32,
        ttl_seconds_after_finished: u32,
        template: PodTemplate,
    }
    LabelSelector { match_labels: Labels, }
    PodTemplate { metadata: PodMetadata, spec: Pod, }
    PodMetadata { labels: Labels, annotations: Labels, }
    Pod {
        service_account_name: String,
        automount_service_account_token: bool,
        enable_service_links: bool,
        restart_policy: String,
        termination_grace_period_seconds: u32,
        security_context: PodSecurity,
        topology_spread_constraints: Vec<Spread>,
        containers: Vec<Container>,
        volumes: Vec<Volume>,
    }
    PodSecurity {
        run_as_non_root: bool,
        run_as_user: u32,
        run_as_group: u32,
        seccomp_profile: SeccompProfile,
    }
    SeccompProfile { r#type: String, }
    Spread {
        topology_key: String,
        max_skew: u32,
        when_unsatisfiable: String,
        label_selector: LabelSelector,
        match_label_keys: Vec<String>,
    }
    Container {
        name: String,
        image: String,
        command: Vec<String>,
        args: Vec<String>,
        env: Vec<Variable>,
        ports: Vec<ContainerPort>,
        startup_probe: Probe,
        readiness_probe: Probe,
        liveness_probe: Probe,
        security_context: ContainerSecurity,
        resources: Resources,
        volume_mounts: Vec<VolumeMount>,
        termination_message_policy: String,
    }
    Variable { name: String, value: String, value_from: ValueFrom, }
    ValueFrom { secret_key_ref: KeyRef, }
    KeyRef { name: String, key: String, }
    ContainerPort { name: String, container_port: u16, }
    Probe {
        http_get: HttpGet,
        grpc: Grpc,
        tcp_socket: TcpSocket,
        exec: Exec,
        period_seconds: u32,
        failure_threshold: u32,
    }
    HttpGet { path: String, port: PortRef, }
    Grpc { port: u16, service: String, }
    TcpSocket { port: PortRef, }
    Exec { command: Vec<String>, }
    ContainerSecurity {
        allow_privilege_escalation: bool,
        read_only_root_filesystem: bool,
        capabilities: Capabilities,
    }
    Capabilities { drop: Vec<String>, }
    Resources { requests: Quantities, limits: Quantities, }
    Quantities { cpu: String, memory: String, }
    VolumeMount { name: String, mount_path: String, read_only: bool, }
    Volume { name: String, config_map: ConfigMapVolume, secret: SecretVolume, }
    ConfigMapVolume { name: String, }
    SecretVolume { secret_name: String, items: Vec<SecretItem>, }
    SecretItem { key: String, path: String, }

    Service { selector: Labels, ports: Vec<ServicePort>, traffic_distribution: String, }
    ServicePort { name: String, port: u16, target_port: PortRef, app_protocol: String, }

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

    IstioGateway { selector: Labels, servers: Vec<Server>, }
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
    Rule { from: Vec<From>, to: Vec<To>, }
    From { source: Source, }
    Source { service_accounts: Vec<String>, not_request_principals: Vec<String>, }
    To { operation: Operation, }
    Operation {
        ports: Vec<String>,
        methods: Vec<String>,
        paths: Vec<String>,
        not_paths: Vec<String>,
    }
    PeerAuthentication { mtls: Mtls, }
    Mtls { mode: String, }

    Gateway {
        gateway_class_name: String,
        addresses: Vec<GatewayAddress>,
        listeners: Vec<Listener>,
    }
    GatewayAddress { r#type: String, value: String, }
    Listener {
        name: String,
        port: u16,
        protocol: String,
        hostname: String,
        tls: ListenerTls,
        allowed_routes: AllowedRoutes,
    }
    ListenerTls { mode: String, certificate_refs: Vec<NameRef>, }
    NameRef { name: String, }
    AllowedRoutes { namespaces: RouteNamespaces, }
    RouteNamespaces { from: String, selector: LabelSelector, }
    Route { parent_refs: Vec<ParentRef>, hostnames: Vec<String>, rules: Vec<RouteRule>, }
    ParentRef { kind: String, name: String, namespace: String, section_name: String, }
    RouteRule {
        matches: Vec<RouteMatch>,
        filters: Vec<RouteFilter>,
        backend_refs: Vec<BackendRef>,
    }
    RouteMatch { method: GrpcMethod, }
    GrpcMethod { service: String, }
    RouteFilter { r#type: String, request_redirect: Redirect, }
    Redirect { scheme: String, status_code: u16, }
    BackendRef { name: String, port: u16, }

    Certificate {
        secret_name: String,
        #[serde(rename = "isCA")]
        is_ca: bool,
        common_name: String,
        dns_names: Vec<String>,
        duration: String,
        private_key: PrivateKey,
        issuer_ref: IssuerRef,
    }
    PrivateKey { algorithm: String, size: u32, rotation_policy: String, }
    IssuerRef { group: String, kind: String, name: String, }
    ClusterIssuer { acme: Acme, ca: Ca, self_signed: SelfSigned, }
    SelfSigned {}
    Ca { secret_name: String, }
    Acme {
        server: String,
        email: String,
        private_key_secret_ref: NameRef,
        solvers: Vec<Solver>,
    }
    Solver { dns01: Dns01, http01: Http01, }
    Dns01 {
        #[serde(rename = "cloudDNS")]
        cloud_dns: CloudDns,
    }
    CloudDns { project: String, service_account_secret_ref: KeyRef, }
    Http01 {
        #[serde(rename = "gatewayHTTPRoute")]
        gateway_http_route: GatewayHttpRoute,
    }
    GatewayHttpRoute { parent_refs: Vec<ParentRef>, }
}

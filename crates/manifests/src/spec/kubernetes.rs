//! Kubernetes' own kinds.

use serde::Deserialize;

use super::{Labels, closed};
use crate::workload::PortRef;

closed! {
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
    LabelSelector { match_labels: Labels, match_expressions: Vec<LabelExpression>, }
    LabelExpression { key: String, operator: String, values: Vec<String>, }
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
    ValueFrom { secret_key_ref: KeyRef, field_ref: FieldRef, }
    FieldRef { field_path: String, }
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
}

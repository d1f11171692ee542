//! The kinds of the Prometheus operator and of Google's managed Prometheus.

use serde::Deserialize;

use super::{Labels, closed, kubernetes::LabelSelector};

closed! {
    PodMonitor {
        selector: LabelSelector,
        pod_target_labels: Vec<String>,
        pod_metrics_endpoints: Vec<Endpoint>,
    }
    PodMonitoring {
        selector: LabelSelector,
        target_labels: TargetLabels,
        endpoints: Vec<Endpoint>,
    }
    TargetLabels { metadata: Vec<String>, from_pod: Vec<FromPod>, }
    FromPod { from: String, to: String, }
    Endpoint {
        port: String,
        path: String,
        interval: String,
        metric_relabeling: Vec<Relabeling>,
    }
    Relabeling { action: String, source_labels: Vec<String>, regex: String, }
    Rules { groups: Vec<Group>, }
    Group { name: String, interval: String, rules: Vec<Rule>, }
    Rule {
        record: String,
        alert: String,
        expr: String,
        r#for: String,
        labels: Labels,
        annotations: Labels,
    }
}

//! The alert and recording rules of the manifests, as a file for Prometheus.

use std::{fs, path::Path};

use anyhow::Context;
use serde_json::{Value, json};

const RULES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../k8s/components/monitoring-prometheus/prometheusrule.yaml"
);

/// Writes the rules of the PrometheusRule into a file of Prometheus' own format.
pub(super) fn write(file: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(RULES).with_context(|| format!("cannot read {RULES}"))?;
    let rule: Value = serde_saphyr::from_str(&text).with_context(|| RULES.to_owned())?;
    // JSON is YAML.
    let groups = json!({ "groups": rule["spec"]["groups"] });
    fs::write(file, groups.to_string())?;
    Ok(())
}

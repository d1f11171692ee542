//! The rules of the component `monitoring-prometheus`. Only the fields that both
//! the Prometheus Operator and Managed Prometheus know.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use crate::{Object, rendering::K8S};

/// Rules that are evaluated one after another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// A recording rule.
    Record(Record),
    /// An alert.
    Alert(Alert),
}

/// A recording rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The name of the series.
    pub record: String,
    /// Its expression.
    pub expr: String,
    /// Labels that it adds.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// An alert.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name.
    pub alert: String,
    /// Its expression.
    pub expr: String,
    /// How long the expression must return data until the alert fires.
    #[serde(default, rename = "for")]
    pub pending: String,
    /// Labels that it adds.
    pub labels: BTreeMap<String, String>,
    /// The texts of a notification.
    pub annotations: BTreeMap<String, String>,
}

impl Rule {
    /// The name of the series or alert.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Record(record) => &record.record,
            Self::Alert(alert) => &alert.alert,
        }
    }

    /// Its expression.
    #[must_use]
    pub fn expr(&self) -> &str {
        match self {
            Self::Record(record) => &record.expr,
            Self::Alert(alert) => &alert.expr,
        }
    }
}

/// The groups of the PrometheusRule.
///
/// # Panics
/// If the file does not parse.
#[must_use]
pub fn rules() -> Vec<Group> {
    let path = format!("{K8S}/components/monitoring-prometheus/prometheusrule.yaml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let object: Object =
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    object.spec("groups")
}

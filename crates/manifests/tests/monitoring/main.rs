//! The dashboards, the rules and the runbook: what they show, that their queries
//! parse, and that each alert fires and stays silent.

mod alerts;
mod dashboards;
mod google;
mod promtool;
mod runbook;

use std::collections::BTreeSet;

use manifests::monitoring::{METRICS, Rule, queries, rules, selectors};

/// The names that recording rules give.
fn records() -> BTreeSet<String> {
    let rules = rules().into_iter().flat_map(|group| group.rules);
    let records = rules.filter(|rule| matches!(rule, Rule::Record(_)));
    records.map(|rule| rule.name().to_owned()).collect()
}

fn base(metric: &str) -> &str {
    let suffixes = ["_bucket", "_count", "_sum"];
    let stripped = suffixes.iter().find_map(|it| metric.strip_suffix(it));
    stripped.unwrap_or(metric)
}

#[test]
fn every_metric_is_known_and_used() {
    let records = records();
    let mut used = BTreeSet::new();
    for query in queries() {
        for selector in selectors(&query.expr) {
            let metric = base(&selector.metric);
            let known = METRICS.contains(&metric) || records.contains(metric);
            assert!(known, "{}: unknown metric {metric}", query.source);
            used.insert(metric.to_owned());
        }
    }
    for metric in METRICS.map(str::to_owned).iter().chain(&records) {
        assert!(
            used.contains(metric),
            "no dashboard and no rule uses {metric}"
        );
    }
}

/// A query of a healthy system must return data, which a comparison does not.
#[test]
fn every_alert_compares_recorded_series() {
    let records = records();
    for rule in rules().iter().flat_map(|group| &group.rules) {
        if let Rule::Alert(alert) = rule {
            let inputs = selectors(&alert.expr);
            assert!(!inputs.is_empty(), "{}", alert.alert);
            for input in inputs {
                let recorded = records.contains(&input.metric);
                assert!(recorded, "{}: {} is not recorded", alert.alert, input.text);
            }
        }
    }
}

#[test]
fn every_source_has_queries() {
    let queries = queries();
    for file in [
        "dashboards/services.json: Memory",
        "dashboards/mesh.json: Retries",
        "dashboards/canary.json: Error budget left",
        "monitoring-google/dashboard.json: mTLS share",
        "prometheusrule.yaml: slo:burn_rate:ratio_rate3d",
        "prometheusrule.yaml: TargetsAbsent",
    ] {
        assert!(
            queries.iter().any(|it| it.source == file),
            "no query of {file}"
        );
    }
}

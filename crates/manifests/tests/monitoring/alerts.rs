//! The alerts, and that each has tests.

use std::collections::{BTreeMap, BTreeSet};

use manifests::monitoring::{Alert, Rule, rules};
use serde::Deserialize;

/// The files of `promtool test rules`.
pub(crate) const TESTS: [(&str, &str); 2] = [
    ("alerts.yaml", include_str!("alerts.yaml")),
    ("alerts-days.yaml", include_str!("alerts-days.yaml")),
];

#[derive(Deserialize)]
struct File {
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    alert_rule_test: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    alertname: String,
    exp_alerts: Vec<serde_json::Value>,
}

/// All alerts.
pub(crate) fn alerts() -> Vec<Alert> {
    let rules = rules().into_iter().flat_map(|group| group.rules);
    let alert = |rule| match rule {
        Rule::Alert(alert) => Some(alert),
        Rule::Record(_) => None,
    };
    rules.filter_map(alert).collect()
}

#[test]
fn every_alert_has_a_case_where_it_fires_and_one_where_it_is_silent() {
    let mut outcomes: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for (name, text) in TESTS {
        let file: File = serde_saphyr::from_str(text).unwrap_or_else(|it| panic!("{name}: {it}"));
        for case in file.tests.into_iter().flat_map(|it| it.alert_rule_test) {
            let fires = !case.exp_alerts.is_empty();
            outcomes.entry(case.alertname).or_default().insert(fires);
        }
    }
    let alerts: BTreeSet<_> = alerts().into_iter().map(|it| it.alert).collect();
    assert_eq!(outcomes.keys().cloned().collect::<BTreeSet<_>>(), alerts);
    for (alert, outcomes) in outcomes {
        assert_eq!(outcomes.len(), 2, "{alert}: {outcomes:?}");
    }
}

#[test]
fn every_alert_is_complete() {
    for alert in alerts() {
        let name = &alert.alert;
        let severity = alert.labels.get("severity").map(String::as_str);
        assert!(
            matches!(severity, Some("page" | "ticket")),
            "{name}: {severity:?}"
        );
        let keys: Vec<_> = alert.annotations.keys().map(String::as_str).collect();
        assert_eq!(keys, ["description", "runbook_url", "summary"], "{name}");
        assert!(alert.annotations["description"].ends_with('.'), "{name}");
    }
}

/// The windows and factors of the SRE workbook, for both indicators.
#[test]
fn burn_rate_alerts_have_two_windows() {
    for (alert, sli) in [("Availability", "availability"), ("Latency", "latency")] {
        for (severity, windows) in [
            ("High", [("1h", "5m", "14.4"), ("6h", "30m", "6")]),
            ("Elevated", [("1d", "2h", "3"), ("3d", "6h", "1")]),
        ] {
            let name = format!("{alert}BurnRate{severity}");
            let both = windows.map(|(long, short, factor)| {
                let burn = |window| {
                    format!(r#"slo:burn_rate:ratio_rate{window}{{sli="{sli}"}} > {factor}"#)
                };
                format!("({} and {})", burn(long), burn(short))
            });
            let alert = alerts().into_iter().find(|it| it.alert == name).unwrap();
            assert_eq!(alert.expr.trim(), both.join("\n  or "), "{name}");
        }
    }
}

//! What promtool says about the rules and queries.

use std::{fs, path::Path, process::Command};

use manifests::monitoring::{Rule, queries, rules};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::alerts::TESTS;

/// Runs promtool in a folder, and returns its output.
fn promtool(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("promtool is missing: install Debian's package prometheus, or Prometheus itself");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "promtool {arguments:?}: {text}");
    text
}

/// A folder with the rules in the form of Prometheus. YAML includes JSON.
fn folder_with(file: &str, groups: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = json!({ "groups": groups }).to_string();
    fs::write(folder.path().join(file), text).unwrap();
    folder
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::Record(it) => json!({"record": it.record, "expr": it.expr, "labels": it.labels}),
        Rule::Alert(it) => {
            let pending = if it.pending.is_empty() {
                "0s"
            } else {
                &it.pending
            };
            json!({
                "alert": it.alert, "expr": it.expr, "for": pending,
                "labels": it.labels, "annotations": it.annotations,
            })
        }
    }
}

fn folder_with_rules() -> TempDir {
    let group = |rules: &[Rule]| rules.iter().map(rule).collect::<Vec<_>>();
    let groups = rules();
    let groups = groups
        .iter()
        .map(|it| json!({"name": it.name, "rules": group(&it.rules)}));
    folder_with("rules.yaml", &groups.collect())
}

#[test]
#[ignore = "needs promtool: make test-monitoring"]
fn the_rules_are_valid() {
    let folder = folder_with_rules();
    let rules = rules().iter().map(|group| group.rules.len()).sum::<usize>();
    let output = promtool(folder.path(), &["check", "rules", "rules.yaml"]);
    assert!(
        output.contains(&format!("SUCCESS: {rules} rules found")),
        "{output}"
    );
}

#[test]
#[ignore = "needs promtool: make test-monitoring"]
fn every_alert_fires_and_stays_silent() {
    let folder = folder_with_rules();
    for (name, text) in TESTS {
        fs::write(folder.path().join(name), text).unwrap();
    }
    promtool(folder.path(), &["test", "rules", TESTS[0].0, TESTS[1].0]);
}

#[test]
#[ignore = "needs promtool: make test-monitoring"]
fn every_query_parses() {
    let queries = queries();
    let rules = queries.iter().enumerate();
    let rules = rules.map(|(n, it)| json!({"record": format!("query:{n}"), "expr": it.expr}));
    let groups = json!([{"name": "queries", "rules": rules.collect::<Vec<_>>()}]);
    let folder = folder_with("queries.yaml", &groups);
    let output = promtool(folder.path(), &["check", "rules", "queries.yaml"]);
    let found = format!("SUCCESS: {} rules found", queries.len());
    assert!(output.contains(&found), "{output}");
}

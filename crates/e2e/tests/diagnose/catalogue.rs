//! Every code has a scenario, a section of the documentation, a fix and a value
//! of the schema.

use std::collections::BTreeSet;

use serde_json::Value;
use transport::Cause;

use crate::{SCENARIOS, scenario::code};

const DOCUMENT: &str = include_str!("../../../../docs/diagnose.md");
const SCHEMA: &str = include_str!("../../../../docs/schemas/diagnose.schema.json");

fn codes() -> BTreeSet<String> {
    Cause::ALL
        .iter()
        .map(|cause| cause.code().to_owned())
        .collect()
}

#[test]
fn every_code_has_a_scenario() {
    let scenarios: BTreeSet<_> = SCENARIOS.iter().map(|name| code(name)).collect();
    assert_eq!(scenarios, codes());
    assert_eq!(SCENARIOS.len(), codes().len());
}

#[test]
fn every_code_has_a_section() {
    let sections: BTreeSet<_> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .map(str::to_owned)
        .collect();
    assert_eq!(sections, codes());
    for section in DOCUMENT.split("### `").skip(1) {
        for part in ["\n- Symptom: ", "\n- Cause: ", "\n- Fix: "] {
            assert!(section.contains(part), "no {part:?} in {section}");
        }
    }
}

#[test]
fn every_code_has_a_fix() {
    for cause in Cause::ALL {
        let fix = cause.fix();
        assert!(fix.ends_with(['.', '?']), "{cause:?}: {fix}");
    }
}

#[test]
fn the_schema_has_every_code() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let listed = schema["$defs"]["verdict"]["properties"]["code"]["enum"].as_array();
    let listed: BTreeSet<_> = listed
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, codes());
}

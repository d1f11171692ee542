//! The codes, their tests, their documentation and the schema say the same.

use std::collections::BTreeSet;

use greeter_client::diagnose::Code;
use serde_json::Value;

use crate::{ARRANGED, arranged::code};

const DOCUMENT: &str = include_str!("../../../../docs/diagnose.md");
const SCHEMA: &str = include_str!("../../../../docs/schemas/diagnose.schema.json");

fn codes() -> BTreeSet<String> {
    Code::ALL
        .iter()
        .map(|code| code.as_str().to_owned())
        .collect()
}

#[test]
fn every_code_has_a_real_arrangement() {
    let arranged: BTreeSet<_> = ARRANGED.iter().map(|name| code(name)).collect();
    assert_eq!(arranged, codes());
    assert_eq!(ARRANGED.len(), Code::ALL.len());
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
        for part in ["\n- Looks: ", "\n- Why: ", "\n- Mend: "] {
            assert!(section.contains(part), "no {part:?} in {section}");
        }
    }
}

#[test]
fn every_code_has_a_fix() {
    for code in Code::ALL {
        let sentences = code.fix().matches(['.', ')']).count();
        assert!(code.fix().ends_with('.') && sentences > 0, "{code:?}");
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

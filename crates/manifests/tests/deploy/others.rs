//! Objects that others made under the names of ours.

use crate::{guard::refused, machine::Machine};

const POLICY: &str = "security.istio.io/v1 PeerAuthentication default default";

/// A server-side apply with the same fields would adopt it.
#[test]
fn refuses_to_apply_onto_objects_of_others() {
    let machine = || Machine::new().with("STAND_IN_OTHERS", "PeerAuthentication default default");
    let message = "kind has objects that others made: PeerAuthentication default/default; rename or delete them, or leave their component out with WITHOUT";
    let forced = refused("deploy", machine, message);
    assert!(forced.success, "{forced:?}");
    let recorded = format!("  others: |\n    {POLICY}\n");
    assert!(forced.files["record"].ends_with(&recorded), "{forced:?}");
    let run = machine()
        .with("WITHOUT", "mtls-strict")
        .script("deploy", &[]);
    assert!(run.success, "{run:?}");
    // What an interrupted deploy recorded is ours.
    let run = machine()
        .with("STAND_IN_RECORD_OF", &format!("{POLICY}\n"))
        .script("deploy", &[]);
    assert!(run.success, "{run:?}");
}

/// FORCE=1 applied ours onto it.
#[test]
fn releases_objects_of_others_instead_of_deleting_them() {
    let machine = || Machine::new().with("STAND_IN_ADOPTED", &format!("{POLICY}\n"));
    let run = machine().script("undeploy", &[]);
    assert!(run.success, "{run:?}");
    let file = |verb| {
        let mut files = run.files.iter().filter(|(name, _)| name.ends_with(verb));
        files.next().unwrap().1
    };
    let policy = "kind: PeerAuthentication\nmetadata:\n  name: default\n";
    assert!(!file("-delete").contains(policy), "{run:?}");
    assert!(file("-apply").contains(policy), "{run:?}");
    // The next deploy still knows it.
    let run = machine().script("deploy", &[]);
    assert!(run.files["record"].contains("  others: |"), "{run:?}");
}

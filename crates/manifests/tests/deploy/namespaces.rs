//! Namespaces that the cluster does not have yet.

use crate::machine::Machine;

/// A cluster with a platform for another variation.
fn machine() -> Machine {
    Machine::new().with("WITH", "rate-limit-global").with(
        "STAND_IN_NAMESPACES",
        "namespace/default namespace/observability",
    )
}

#[test]
fn deploy_creates_namespaces_before_the_diff() {
    let run = machine().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let position = |start: &str| run.calls.iter().position(|call| call.starts_with(start));
    let created = position("kubectl create namespace rate-limit").unwrap();
    assert_eq!(run.called("kubectl create namespace"), 1);
    assert!(created < position("kubectl diff").unwrap(), "{run:?}");
    assert!(position("kubectl version").unwrap() < created, "{run:?}");

    let run = machine()
        .with("STAND_IN_FAIL", "create namespace *")
        .script("deploy", &[]);
    let message = "deploy: the namespace rate-limit was not created; kubectl's error is above";
    assert_eq!(run.last_line(), message);
    assert_eq!(run.called("kubectl apply"), 0);
}

/// `diff` changes nothing, and does not ask for a dry run that the API server rejects.
#[test]
fn diff_shows_the_objects_of_a_new_namespace() {
    let run = machine().script("diff", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("kubectl create"), 0);
    assert!(
        run.output.contains("\n+  namespace: rate-limit\n"),
        "{run:?}"
    );
    assert!(!run.output.contains("\n+  namespace: default\n"));
    let asked = &run.files["0-diff"];
    assert!(!asked.contains("  namespace: rate-limit\n"));
    assert!(asked.contains("  name: rate-limit\n") && asked.contains("  namespace: default\n"));
}

//! The record of what is deployed: pruning and `undeploy`.

use crate::{
    machine::{Machine, Run},
    rendering::kinds,
};

const RECORD: &str = "\
apps/v1 Deployment default greeter-server-canary
apps/v1 Deployment default greeter-server
gone.test/v1 Gone default gone
v1 Namespace - default
v1 Namespace - rate-limit
";

#[test]
fn deletes_what_an_overlay_no_longer_has() {
    let machine = || Machine::new().with("STAND_IN_RECORD_OF", RECORD);
    let diff = machine().script("diff", &[]);
    assert!(diff.success, "{diff:?}");
    let shown =
        "- Deployment default/greeter-server-canary\n- the labels of namespace rate-limit\n";
    assert!(diff.output.ends_with(shown), "{diff:?}");

    let run = machine().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let position = |start: &str| run.calls.iter().rposition(|call| call.starts_with(start));
    let delete = position("kubectl delete --ignore-not-found -f remove.yaml");
    assert!(
        position("kubectl -n default rollout status") < delete,
        "{run:?}"
    );
    let (_, removed) = run
        .files
        .iter()
        .find(|(name, _)| name.ends_with("-delete"))
        .unwrap();
    assert_eq!(removed.matches("kind: ").count(), 1, "{removed}");
    assert!(
        removed.contains("name: greeter-server-canary\n  namespace: default"),
        "{removed}"
    );
    // The namespace loses labels, and stays.
    let released = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: rate-limit\n";
    assert!(
        run.files
            .values()
            .any(|text| text == &format!("---\n{released}")),
        "{run:?}"
    );
}

/// Another version of a kind is the same object, and the server may no longer serve the
/// recorded one.
#[test]
fn deletes_an_object_of_another_version_only_if_it_is_left_over() {
    let machine = || {
        let record = "\
security.istio.io/v1beta1 PeerAuthentication default default
security.istio.io/v1beta1 PeerAuthentication default old
";
        Machine::new().with("STAND_IN_RECORD_OF", record)
    };
    let removed = |run: Run| {
        assert!(run.success, "{run:?}");
        let removed = run.files.iter().find(|(name, _)| name.ends_with("-delete"));
        removed.unwrap().1.clone()
    };
    let old = "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: old\n  namespace: default\n";
    assert_eq!(removed(machine().script("deploy", &[])), old);
    assert!(removed(machine().script("undeploy", &[])).contains(old));
}

/// For example metrics-server, while it starts.
#[test]
fn ignores_apis_that_are_unavailable_unless_a_recorded_object_is_of_one() {
    let machine = |group: &str| {
        let machine = Machine::new().with("STAND_IN_RECORD_OF", RECORD);
        machine.with("STAND_IN_BROKEN", group)
    };
    for script in ["diff", "deploy", "undeploy"] {
        let run = machine("metrics.k8s.io").script(script, &[]);
        assert!(run.success, "{run:?}");
    }
    let run = machine("apps").script("undeploy", &[]);
    let message = "undeploy: kubectl cannot list the kinds of apps: error: unable to retrieve";
    assert!(
        !run.success && run.last_line().starts_with(message),
        "{run:?}"
    );
    assert_eq!(run.called("kubectl delete"), 0);
}

#[test]
fn undeploys_what_was_deployed_and_not_only_the_overlay() {
    let run = Machine::new()
        .with("STAND_IN_RECORD_OF", RECORD)
        .script("undeploy", &[]);
    assert!(run.success, "{run:?}");
    let (_, removed) = run
        .files
        .iter()
        .find(|(name, _)| name.ends_with("-delete"))
        .unwrap();
    assert!(
        removed.contains("name: greeter-server-canary\n"),
        "{removed}"
    );
    assert!(kinds(removed).contains("Job") && !kinds(removed).contains("Namespace"));
    assert_eq!(
        run.calls.last().unwrap(),
        "kubectl -n default delete configmap/make-deploy --ignore-not-found"
    );
    assert!(
        run.output
            .contains("run kubectl delete namespace observability rate-limit\n"),
        "{run:?}"
    );
}

//! The record of what is deployed: pruning, `undeploy` and `platform-remove`.

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

#[test]
fn removes_the_platform_in_the_opposite_order() {
    let ours = "istiod istio-system\nistio-ingressgateway istio-ingress\n";
    let machine = || Machine::new().with("STAND_IN_RELEASES", ours);
    let run = machine().script("platform-remove", &[]);
    assert!(run.success, "{run:?}");
    let calls = run
        .calls
        .iter()
        .filter(|call| call.starts_with("helm uninstall"));
    assert_eq!(
        calls.collect::<Vec<_>>(),
        [
            "helm uninstall istio-ingressgateway --namespace istio-ingress --wait --timeout 10m",
            "helm uninstall istiod --namespace istio-system --wait --timeout 10m",
        ]
    );
    for (key, value, message) in [
        (
            "STAND_IN_RECORD_OF",
            RECORD,
            "the servers are deployed; run make undeploy OVERLAY=kind first",
        ),
        (
            "STAND_IN_USERS",
            "VirtualService shop shop\n",
            "others use the platform: ",
        ),
    ] {
        let run = machine().with(key, value).script("platform-remove", &[]);
        assert!(
            !run.success
                && run
                    .last_line()
                    .starts_with(&format!("platform-remove: {message}")),
            "{run:?}"
        );
        assert_eq!(run.called("helm"), 0, "{run:?}");
    }
}

#[test]
fn restarts_old_proxies_after_an_upgrade() {
    let pods = "\
default|hello|||hello-server-1|registry.test/proxyv2:1.30.0\n\
istio-ingress||istio-ingressgateway||gateway-1|registry.test/proxyv2:1.30.0-distroless\n\
shop||||shop-1|registry.test/proxyv2:1.30.0\n\
default|hello|||new|registry.test/proxyv2:VERSION-distroless\n\
default|hello||waypoint|waypoint-1|registry.test/proxyv2:1.30.0\n\
plain|hello|||plain|\n";
    let charts =
        std::fs::read_to_string(crate::machine::root().join("k8s/platform/charts.txt")).unwrap();
    let istiod = charts
        .lines()
        .find(|line| line.starts_with("istiod "))
        .unwrap();
    let version = istiod.split_whitespace().nth(3).unwrap();
    let machine = || Machine::new().with("STAND_IN_PROXIES", &pods.replace("VERSION", version));
    let run = machine().script("platform", &[]);
    assert!(run.success, "{run:?}");
    let restarts = run
        .calls
        .iter()
        .filter(|call| call.contains("rollout restart"));
    assert_eq!(
        restarts.collect::<Vec<_>>(),
        [
            "kubectl -n default rollout restart deployment -l app.kubernetes.io/part-of=hello",
            "kubectl -n istio-ingress rollout restart deployment -l app.kubernetes.io/instance=istio-ingressgateway",
        ]
    );
    assert!(
        run.output.contains("restart them: shop/shop-1\n"),
        "{run:?}"
    );
    let left = machine().with("LEAVE", "istio").script("platform", &[]);
    assert!(
        !left
            .calls
            .iter()
            .any(|call| call.contains("rollout restart")),
        "{left:?}"
    );
}

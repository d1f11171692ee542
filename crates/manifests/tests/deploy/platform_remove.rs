//! `make platform-remove`: what it uninstalls, and what it keeps.

use crate::machine::{Machine, Run};

/// The releases that it uninstalls, in order.
fn uninstalled(run: &Run) -> Vec<&str> {
    let calls = run.calls.iter().filter_map(|call| {
        let call = call.strip_prefix("helm uninstall ")?;
        call.strip_suffix(" --wait --timeout 10m")
    });
    calls.collect()
}

#[test]
fn removes_the_platform_in_the_opposite_order() {
    let ours = "istiod istio-system\nistio-ingressgateway istio-ingress\n";
    let machine = || Machine::new().with("STAND_IN_RELEASES", ours);
    let run = machine().script("platform-remove", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(
        uninstalled(&run),
        [
            "istio-ingressgateway --namespace istio-ingress",
            "istiod --namespace istio-system",
        ]
    );
    for (key, value, message) in [
        (
            "STAND_IN_RECORD_OF",
            "apps/v1 Deployment default greeter-server\n",
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

/// Then kubectl reports an error, and prints none of the other kinds.
#[test]
fn sees_users_of_the_platform_if_a_kind_is_missing() {
    let machine = || Machine::new().with("STAND_IN_MISSING", "certificates.cert-manager.io");
    let run = machine().script("platform-remove", &[]);
    assert!(run.success, "{run:?}");
    let run = machine()
        .with("STAND_IN_USERS", "VirtualService shop shop\n")
        .script("platform-remove", &[]);
    let message = "platform-remove: others use the platform: VirtualService shop/shop; FORCE=1";
    assert!(run.last_line().starts_with(message), "{run:?}");
}

/// Also after a change of the gateway's namespace, and after Ctrl-C.
#[test]
fn removes_every_release_with_our_label() {
    let run = Machine::new()
        .with(
            "STAND_IN_RELEASES",
            "istio-ingressgateway before\nold old\n",
        )
        .with("STAND_IN_PENDING", "grafana observability\n")
        .script("platform-remove", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(
        uninstalled(&run),
        [
            "grafana --namespace observability",
            "istio-ingressgateway --namespace before",
            "old --namespace old",
        ]
    );
}

#[test]
fn names_what_others_installed_and_keeps_it() {
    let releases = "istiod istio-system\nshop shop\n|";
    let run = Machine::new()
        .with("STAND_IN_RELEASES", releases)
        .with("STAND_IN_OTHERS", "ConfigMap observability dashboards")
        .script("platform-remove", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(uninstalled(&run), Vec::<&str>::new());
    assert_eq!(run.called("kubectl delete"), 0, "{run:?}");
    let kept = "== kept: Helm releases without the label installed-by=make-platform: istio-system/istiod; if an earlier version";
    assert!(run.output.contains(kept), "{run:?}");
}

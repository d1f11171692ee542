//! The Helm releases that `platform` must not touch.

use crate::{guard::refused, machine::Machine};

#[test]
fn refuses_to_change_the_type_of_the_gateways_service() {
    for (overlay, is, wanted) in [
        ("gke-l7", "LoadBalancer", "ClusterIP"),
        ("gke-l4", "ClusterIP", "LoadBalancer"),
        ("http01", "NodePort", "LoadBalancer"),
    ] {
        let machine = || Machine::public(overlay).with("STAND_IN_TYPE", is);
        let message = format!(
            "the Service istio-ingress/istio-ingressgateway has the type {is}, and {overlay} needs {wanted}, which takes its address away from its clients; use another cluster, or run make undeploy platform-remove first"
        );
        refused("platform", machine, &message);
        let same = machine()
            .with("STAND_IN_TYPE", wanted)
            .script("platform", &[]);
        assert!(same.success, "{same:?}");
    }
}

#[test]
fn leaves_releases_of_others_alone() {
    let machine = || Machine::new().with("STAND_IN_RELEASES", "istiod istio-system\n|");
    let message = "someone else installed the Helm release istio-system/istiod; LEAVE=istio leaves it alone; or, if an earlier version of this project did, run make platform once with FORCE=1";
    refused("platform", machine, message);
    let ours = Machine::new().with("STAND_IN_RELEASES", "istiod istio-system\n");
    assert!(ours.script("platform", &[]).success);

    for (leave, istio, cert_manager) in [
        ("istio", 0, 1),
        ("istio,cert-manager", 0, 0),
        ("cert-manager", 4, 0),
        ("istiod,istio-base,istio-cni", 1, 1),
    ] {
        let run = machine()
            .with("LEAVE", leave)
            .with("FORCE", "1")
            .script("platform", &[]);
        assert!(run.success, "{run:?}");
        assert_eq!(run.called("helm upgrade --install istio"), istio, "{run:?}");
        assert_eq!(
            run.called("helm upgrade --install cert-manager"),
            cert_manager,
            "{run:?}"
        );
    }
    let run = Machine::new()
        .with("LEAVE", "everything")
        .script("platform", &[]);
    let message = "platform: LEAVE has \"everything\", which is no part of the platform";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(run.calls, Vec::<String>::new());
}

/// Helm rejects it without a word about what to do, and does not list it by default.
#[test]
fn says_what_to_do_with_an_unfinished_release() {
    let run = Machine::new()
        .with("STAND_IN_PENDING", "istiod istio-system\n")
        .script("platform", &[]);
    let message = "platform: an interrupted helm left the release istio-system/istiod unfinished; if no other helm is at work, run helm rollback istiod --namespace istio-system, or after";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(run.called("helm upgrade"), 0, "{run:?}");
}

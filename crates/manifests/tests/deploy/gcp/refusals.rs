//! What `make gcp` and `make gcp-remove` refuse.

use super::machine;
use crate::machine::Machine;

#[test]
fn refuses_to_leave_load_balancers_behind() {
    let machine = machine("gke-l4");
    assert!(machine.script("gcp", &["apply"]).success);
    let made = machine.cloud();
    let busy = machine.with(
        "STAND_IN_BALANCERS",
        "service istio-ingress/istio-ingressgateway",
    );
    let run = busy.script("gcp", &["remove"]);
    assert!(!run.success, "{run:?}");
    assert!(run.last_line().contains("still has load balancers: service istio-ingress/istio-ingressgateway; nothing was removed; run make undeploy"), "{run:?}");
    assert_eq!(busy.cloud(), made);
    let run = busy.with("FORCE", "1").script("gcp", &["remove"]);
    assert!(run.success, "{run:?}");
}

/// In a cluster that stays, the load balancers of others do not matter.
#[test]
fn refuses_to_take_the_address_of_a_load_balancer() {
    let cluster = machine("gke-l4");
    assert!(cluster.script("gcp", &["apply"]).success);
    let edge = cluster.with("OVERLAY", "gke-l7");
    assert!(edge.script("gcp", &["apply"]).success);
    let made = edge.cloud();
    let busy = edge.with("STAND_IN_BALANCERS", "service istio-ingress/gateway");
    let run = busy.script("gcp", &["remove"]);
    let message = "gcp: the cluster hello still has load balancers: service istio-ingress/gateway;";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(busy.cloud(), made);
    let others = busy.with("STAND_IN_BALANCERS", "service shop/web");
    let run = others.script("gcp", &["remove"]);
    assert!(run.success, "{run:?}");
}

#[test]
fn makes_no_second_cluster_beside_a_zonal_one() {
    let machine = machine("gke-l4");
    assert!(machine.script("gcp", &["apply"]).success);
    let before = machine.cloud();
    let zonal = machine
        .with("GCP_REGION", "europe-west4")
        .with("STAND_IN_ZONES", "us-east1-b\neurope-west4-a");
    let run = zonal.script("gcp", &["apply"]);
    let message = "gcp: the cluster hello is there already in the zone europe-west4-a, and make gcp needs a regional one; set GKE_CLUSTER";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(zonal.cloud(), before);
    let elsewhere = zonal.with("STAND_IN_ZONES", "us-east1-b");
    let run = elsewhere.script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
}

#[test]
fn stops_before_any_change_if_something_is_missing() {
    for (key, value, message) in [
        (
            "OVERLAY",
            "kind",
            "gcp: the overlay kind needs nothing in Google Cloud; choose one for GKE: gke-l4",
        ),
        (
            "GKE_MODE",
            "serverless",
            "gcp: GKE_MODE \"serverless\" is not a mode of GKE; use standard or autopilot",
        ),
        (
            "REGISTRY",
            "",
            "gcp: REGISTRY is empty; write REGISTRY=europe-west1-docker.pkg.dev/mine/hello into k8s/local.env",
        ),
    ] {
        let run = machine("gke-l4").with(key, value).script("gcp", &["apply"]);
        assert!(!run.success, "{run:?}");
        assert!(run.last_line().starts_with(message), "{run:?}");
        assert_eq!(run.calls, Vec::<String>::new());
    }
    let long = machine("gke-l7-iap").with("GKE_CLUSTER", "a-name-of-24-characters-");
    let run = long.script("gcp", &["apply"]);
    let message =
        "gcp: GKE_CLUSTER \"a-name-of-24-characters-\" is too long for the service account";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(run.calls, Vec::<String>::new());
    // The values of the overlay are examples.
    let run = Machine::new().with("OVERLAY", "gke-l4");
    let run = run.script("gcp", &["apply"]);
    assert!(!run.success, "{run:?}");
    let message = "gcp: GCP_PROJECT=example-production is an example; write GCP_PROJECT=<yours> into k8s/local.env";
    assert_eq!(run.last_line(), message);
    assert_eq!(run.calls, Vec::<String>::new());
}

//! What `make gcp` and `make gcp-remove` refuse.

use std::collections::BTreeMap;

use super::machine;
use crate::machine::Machine;

#[test]
fn refuses_to_leave_load_balancers_behind() {
    let machine = machine("gke-l4");
    assert!(machine.script("gcp", &["apply"]).success);
    let made = machine.cloud();
    let busy = machine.with(
        "STAND_IN_BALANCERS",
        "service istio-ingress/istio-ingressgateway ",
    );
    let run = busy.script("gcp", &["remove"]);
    assert!(!run.success, "{run:?}");
    assert!(run.last_line().contains("still has load balancers, which would outlive it: service istio-ingress/istio-ingressgateway; run make undeploy"), "{run:?}");
    let clusters = |all: BTreeMap<_, String>| {
        all.keys()
            .filter(|it: &&std::path::PathBuf| it.ends_with("hello"))
            .count()
    };
    assert!(clusters(busy.cloud()) > 0 && clusters(made) > 0);
    let run = busy.with("FORCE", "1").script("gcp", &["remove"]);
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
    // The values of the overlay are examples.
    let run = Machine::new().with("OVERLAY", "gke-l4");
    let run = run.script("gcp", &["apply"]);
    assert!(!run.success, "{run:?}");
    let message = "gcp: GCP_PROJECT=example-production is an example; write GCP_PROJECT=<yours> into k8s/local.env";
    assert_eq!(run.last_line(), message);
    assert_eq!(run.calls, Vec::<String>::new());
    // A failure leaves a record of what was made: the next run continues.
    let machine = machine("gke-l4");
    let failing = machine.with("STAND_IN_FAIL", "gcloud container clusters create *");
    let run = failing.script("gcp", &["apply"]);
    assert!(!run.success, "{run:?}");
    assert!(
        run.last_line().contains("run make gcp again: it continues"),
        "{run:?}"
    );
    let run = failing.with("STAND_IN_FAIL", "").script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
}

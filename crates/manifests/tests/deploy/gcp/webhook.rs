//! The firewall rule for istiod's webhook.

use super::{machine, printed};

/// The control plane of private nodes reaches istiod's webhook through a rule of ours.
#[test]
fn opens_the_webhook_port_of_private_nodes() {
    let machine = machine("gke-l4");
    let row = |ports| format!("default|172.16.0.0/28|gke-hello-0-node|{ports}");
    assert!(machine.script("gcp", &["apply"]).success);
    let open = machine.with("STAND_IN_FIREWALL", &row("tcp:10250,tcp:443,tcp:15017"));
    let run = open.script("gcp", &["apply"]);
    assert!(!run.output.contains("hello-istio-webhook"), "{run:?}");
    let closed = open.with("STAND_IN_FIREWALL", &row("tcp:10250,tcp:443"));
    let run = closed.script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
    let command = "gcloud compute firewall-rules create hello-istio-webhook --network=default --direction=INGRESS --source-ranges=172.16.0.0/28 --target-tags=gke-hello-0-node --allow=tcp:15017 --project=mine";
    assert_eq!(printed(&run), [command]);
}

/// The rules of a Shared VPC are in its host project, which has other administrators.
#[test]
fn prints_the_rule_for_the_host_project_of_a_shared_vpc() {
    let machine = machine("gke-l4");
    assert!(machine.script("gcp", &["apply"]).success);
    let row = "shared|172.16.0.0/28|gke-hello-0-node|tcp:10250,tcp:443";
    let machine = machine
        .with("STAND_IN_CLUSTER", "||projects/host/global/networks/shared")
        .with("STAND_IN_FIREWALL", row);
    let run = machine.script("gcp", &["apply"]);
    assert!(run.success, "{run:?}");
    assert_eq!(printed(&run), Vec::<String>::new());
    let note = "note: the network is of host, whose administrator must run gcloud compute firewall-rules create hello-istio-webhook --project=host --network=shared ";
    assert!(run.output.contains(note), "{run:?}");
}

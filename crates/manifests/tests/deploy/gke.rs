//! Clusters of GKE that need something special: Autopilot and private nodes.

use crate::{
    guard::refused,
    machine::{Machine, Run},
};

fn run(script: &str, settings: &[(&str, &str)]) -> Run {
    let machine = Machine::public("gke-l4")
        .with("GCP_PROJECT", "mine")
        .with("GCP_REGION", "europe-west1")
        .with("GKE_CLUSTER", "hello")
        .with("STAND_IN_CONTEXT", "gke_mine_europe-west1_hello");
    let machine = settings
        .iter()
        .fold(machine, |machine, (key, value)| machine.with(key, value));
    machine.script(script, &[])
}

/// Autopilot rejects pods that write to the node, as Istio's CNI plugin does.
#[test]
fn deploys_to_autopilot_without_the_cni_plugin() {
    let autopilot = [("GKE_MODE", "autopilot"), ("STAND_IN_CLUSTER", "True|True")];
    let platform = run("platform", &autopilot);
    assert!(platform.success, "{platform:?}");
    assert_eq!(platform.called("helm upgrade --install istio-cni "), 0);
    assert_eq!(platform.called("helm upgrade --install istiod "), 1);
    let values = &platform.files["helm-istiod-autopilot.yaml"];
    assert!(values.contains("cni:\n  enabled: false"), "{values}");

    // The init container of sidecars violates the restricted standard.
    let label = "pod-security.kubernetes.io/enforce: privileged";
    let deploy = run("deploy", &autopilot);
    assert!(deploy.success, "{deploy:?}");
    assert!(deploy.files["1-apply"].contains(label));

    let standard = run("platform", &[]);
    assert_eq!(standard.called("helm upgrade --install istio-cni "), 1);
    assert!(!standard.files.contains_key("helm-istiod-autopilot.yaml"));
    let deploy = run("deploy", &[]);
    assert!(!deploy.files["1-apply"].contains(label));
}

#[test]
fn refuses_a_cluster_that_would_reject_the_pods() {
    for (settings, message) in [
        (
            &[("STAND_IN_CLUSTER", "True|True")][..],
            "the cluster hello is an Autopilot cluster, which rejects Istio's CNI plugin; write GKE_MODE=autopilot into k8s/local.env",
        ),
        (
            &[("STAND_IN_CLUSTER", "|"), ("GKE_MODE", "autopilot")],
            "the cluster hello is a standard cluster, and GKE_MODE is autopilot; set GKE_MODE=standard",
        ),
        (
            &[("STAND_IN_CLUSTER", "True|"), ("GKE_MODE", "autopilot")],
            "the cluster hello rejects istio-init, which has NET_ADMIN; run gcloud container clusters update hello --location=europe-west1 --project=mine --workload-policies=allow-net-admin",
        ),
        (
            &[("STAND_IN_FIREWALL", "default|172.16.0.0/28|node|tcp:443")],
            "the control plane of hello cannot reach istiod's webhook on its private nodes; run make gcp, or gcloud compute firewall-rules create hello-istio-webhook --project=mine --network=default --direction=INGRESS --source-ranges=172.16.0.0/28 --target-tags=node --allow=tcp:15017",
        ),
    ] {
        for script in ["platform", "deploy"] {
            let run = run(script, settings);
            assert!(!run.success, "{run:?}");
            let message = format!("{script}: {message}");
            assert!(run.last_line().starts_with(&message), "{run:?}");
            assert_eq!(run.called("kubectl apply") + run.called("helm"), 0);
        }
    }
}

/// GKE's own rule of a cluster with private nodes.
const PRIVATE: (&str, &str) = (
    "STAND_IN_FIREWALL",
    "default|172.16.0.0/28|node|tcp:10250,tcp:443",
);

#[test]
fn accepts_private_nodes_with_a_rule_for_the_webhook() {
    for rule in [
        "INGRESS|False|default|172.16.0.0/28|node|tcp:15017",
        "INGRESS|False|default|10.0.0.0/8,172.16.0.0/12|other,node|udp:1,tcp:15000-16000",
        "INGRESS|False|default|0.0.0.0/0||tcp",
        "EGRESS|False|default|||\nINGRESS|False|default|0.0.0.0/0||all",
    ] {
        let run = run("platform", &[PRIVATE, ("STAND_IN_RULES", rule)]);
        assert!(run.success, "{rule}: {run:?}");
    }
    for allowed in [
        // GKE's own rule, changed by hand.
        (
            "STAND_IN_FIREWALL",
            "default|172.16.0.0/28|node|tcp:443,tcp:15017",
        ),
        ("FORCE", "1"),
    ] {
        let run = run("platform", &[PRIVATE, allowed]);
        assert!(run.success, "{run:?}");
    }
}

#[test]
fn refuses_private_nodes_with_other_rules_only() {
    for rule in [
        "",
        "INGRESS|False|other|172.16.0.0/28|node|tcp:15017",
        "INGRESS|False|default|172.16.0.0/28|other|tcp:15017",
        // The rule default-allow-internal.
        "INGRESS|False|default|10.128.0.0/9||tcp:0-65535,udp:0-65535,icmp",
        "INGRESS|False|default|172.16.0.0/29||tcp:15017",
        "INGRESS|False|default|fd20::/20||tcp:15017",
        "INGRESS|False|default|0.0.0.0/0||tcp:15018-15020,udp:15017",
        "INGRESS|True|default|0.0.0.0/0||all",
        "EGRESS|False|default|0.0.0.0/0||all",
    ] {
        let run = run("platform", &[PRIVATE, ("STAND_IN_RULES", rule)]);
        assert!(!run.success, "{rule}: {run:?}");
        let end = "--allow=tcp:15017; FORCE=1 goes on anyway";
        assert!(run.last_line().ends_with(end), "{run:?}");
    }
}

/// Who deploys may have no right to see the network, which a Shared VPC has elsewhere.
#[test]
fn deploys_without_the_right_to_list_firewall_rules() {
    let settings = [
        ("STAND_IN_CLUSTER", "||projects/host/global/networks/shared"),
        ("STAND_IN_FAIL", "gcloud compute firewall-rules list *"),
    ];
    for script in ["platform", "deploy"] {
        let run = run(script, &settings);
        assert!(run.success, "{run:?}");
        let note = "note: gcloud cannot list the firewall rules of host, and private nodes are not checked";
        assert!(run.output.contains(note), "{run:?}");
        assert_eq!(
            run.called("gcloud compute firewall-rules list --project=host "),
            1
        );
    }
}

/// Google attaches no policy without it.
#[test]
fn refuses_to_wait_for_iap_without_the_secret_of_its_client() {
    let machine = || {
        let machine = Machine::public("gke-l7-iap").with("GATEWAY_NAMESPACE", "mesh-edge");
        machine.with("STAND_IN_FAIL", "* get secret/iap-oauth *")
    };
    let message = "Identity-Aware Proxy needs the secret of its OAuth client, and there is none; run kubectl -n mesh-edge create secret generic iap-oauth ";
    refused("deploy", machine, message);
}

/// gcloud's entry in the kubeconfig names the cluster.
#[test]
fn checks_the_cluster_of_a_renamed_context() {
    let renamed = [
        ("STAND_IN_CONTEXT", "production"),
        ("STAND_IN_ENTRY", "gke_mine_europe-west1_hello"),
        ("STAND_IN_CLUSTER", "True|True"),
    ];
    let run = run("platform", &renamed);
    let message = "platform: the cluster hello is an Autopilot cluster";
    assert!(run.last_line().starts_with(message), "{run:?}");
}

/// The nodes know their project and zone, and not their cluster.
#[test]
fn says_if_it_cannot_check_the_cluster() {
    let settings = [
        ("STAND_IN_CONTEXT", "production"),
        ("STAND_IN_PROVIDER", "gce://mine/europe-west1-b/node"),
    ];
    let run = run("platform", &settings);
    assert!(run.success, "{run:?}");
    let note = "note: Autopilot and private nodes are not checked";
    assert!(run.output.contains(note), "{run:?}");
    assert_eq!(run.called("gcloud"), 0);
}

#[test]
fn names_the_missing_plugin_of_kubectl() {
    let run = run("deploy", &[("STAND_IN_FAIL", "version *")]);
    assert!(!run.success, "{run:?}");
    let message = "deploy: gke-gcloud-auth-plugin is missing: install it with gcloud components install gke-gcloud-auth-plugin";
    assert!(run.last_line().starts_with(message), "{run:?}");
}

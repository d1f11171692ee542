//! The deploy scripts against a real API server, that of `TEST_KUBECONFIG`, whose
//! nodes may pretend to run pods. helm, gcloud, kind and docker are stand-ins.

mod cluster;

use std::{collections::BTreeMap, fs};

use cluster::{Cluster, Target, changes};

use crate::machine::{Machine, Run, root};

const GKE: &str = "gke_project_region_hello";
const TARGETS: [Target; 6] = [
    Target {
        overlay: "kind",
        context: "kind-hello",
        example: None,
        gateway: "NodePort",
    },
    Target {
        overlay: "kind-ambient",
        context: "kind-hello",
        example: None,
        gateway: "NodePort",
    },
    Target {
        overlay: "http01",
        context: "cluster",
        example: Some("DOMAIN"),
        gateway: "LoadBalancer",
    },
    Target {
        overlay: "gke-l4",
        context: GKE,
        example: Some("DNS_PROJECT"),
        gateway: "LoadBalancer",
    },
    Target {
        overlay: "gke-l7",
        context: GKE,
        example: Some("DOMAIN"),
        gateway: "ClusterIP",
    },
    Target {
        overlay: "gke-l7-iap",
        context: GKE,
        example: Some("IAP_CLIENT_ID"),
        gateway: "ClusterIP",
    },
];

const NOTHING: [&str; 0] = [];

/// What others have in the cluster: also in the namespace `default`, which has one
/// label of theirs that `deploy` sets, too.
const OTHERS: &str = include_str!("api_server/others.yaml");

/// A run that is refused and changes nothing.
fn refused(cluster: &Cluster, run: impl FnOnce() -> Run, message: &str) {
    let before = cluster.objects();
    let run = run();
    assert!(
        !run.success && run.last_line().contains(message),
        "no {message:?}: {run:?}"
    );
    assert_eq!(changes(&before, &cluster.objects()), NOTHING);
}

/// The value of a setting in an overlay.
fn example(overlay: &str, key: &str) -> String {
    let file = root().join(format!("k8s/overlays/{overlay}/settings.env"));
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    value.unwrap().to_owned()
}

fn refusals(cluster: &Cluster, target: &Target) {
    let machine = || cluster.machine(target);
    if let Some(key) = target.example {
        let example = example(target.overlay, key);
        let run = || machine().with(key, &example).script("deploy", &[]);
        refused(cluster, run, &format!("{key}={example}"));
    }
    if target.context == GKE {
        let run = || machine().with("GCP_PROJECT", "other").script("deploy", &[]);
        refused(cluster, run, "GCP_PROJECT is other, from environment");
    }
    let pod = "default/stranger";
    cluster.kubectl(&["-n", "default", "run", "stranger", "--image=stranger"]);
    refused(cluster, || machine().script("deploy", &[]), pod);
    let forced = machine().with("FORCE", "1").script("diff", &[]);
    assert!(forced.success, "{forced:?}");
    cluster.kubectl(&["-n", "default", "delete", "pod", "stranger", "--force"]);

    // With the fields of ours, an apply onto it would succeed.
    cluster.apply(STRICT);
    let found = "has objects that others made: PeerAuthentication default/default";
    refused(cluster, || machine().script("deploy", &[]), found);
    let policy = "peerauthentications.security.istio.io/default";
    cluster.kubectl(&["-n", "default", "delete", policy]);

    let other = if target.gateway == "ClusterIP" {
        "LoadBalancer"
    } else {
        "ClusterIP"
    };
    cluster.apply(&gateway(other));
    let changed = format!(
        "has the type {other}, and {} needs {}",
        target.overlay, target.gateway
    );
    refused(cluster, || machine().script("platform", &[]), &changed);
}

const STRICT: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: default}\nspec: {mtls: {mode: STRICT}}\n";

/// The Service that helm makes.
fn gateway(kind: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: istio-ingressgateway, namespace: istio-ingress}}\nspec:\n  type: {kind}\n  ports: [{{name: http, port: 80}}]\n  selector: {{istio: ingressgateway}}\n"
    )
}

#[test]
#[ignore = "needs an API server: TEST_KUBECONFIG"]
fn deploys_and_undeploys_every_overlay() {
    let Some(cluster) = Cluster::new() else {
        return;
    };
    cluster.apply(OTHERS);
    for target in &TARGETS {
        println!("{}", target.overlay);
        refusals(&cluster, target);
        cluster.apply(&gateway(target.gateway));
        let before = cluster.objects();
        let machine = || cluster.machine(target);
        let deploy = |machine: Machine| {
            let run = machine.script("deploy", &[]);
            assert!(run.success, "{}: {run:?}", target.overlay);
            cluster.wait_for_autoscalers();
            run.output
        };
        deploy(machine());
        let deployed = cluster.objects();
        let again = deploy(machine());
        assert!(again.contains("== no difference"), "{again}");
        assert_eq!(
            changes(&deployed, &cluster.objects()),
            NOTHING,
            "{}",
            target.overlay
        );

        // A variation, and back.
        let canary = "Deployment default greeter-server-v2";
        deploy(machine().with("WITH", "canary"));
        assert!(cluster.objects().contains_key(canary));
        let output = deploy(machine());
        let shown = output
            .find("- Deployment default/greeter-server-v2")
            .unwrap();
        assert!(shown < output.find("== apply").unwrap(), "{output}");
        let names = |objects: &BTreeMap<_, _>| objects.keys().cloned().collect::<Vec<String>>();
        assert_eq!(names(&cluster.objects()), names(&deployed));

        // Another overlay in its place, with the same context: nothing of the first
        // one stays.
        for next in TARGETS
            .iter()
            .filter(|next| next.context == target.context && next.overlay != target.overlay)
        {
            let run = cluster.machine(next).script("deploy", &[]);
            assert!(run.success, "{}: {run:?}", next.overlay);
        }
        deploy(machine());
        assert_eq!(names(&cluster.objects()), names(&deployed));

        let run = machine().script("undeploy", &[]);
        assert!(run.success, "{run:?}");
        // Nothing of ours is left, and nothing of others is touched.
        assert_eq!(
            changes(&before, &cluster.objects()),
            NOTHING,
            "{}",
            target.overlay
        );
    }
}

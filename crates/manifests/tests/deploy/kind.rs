//! The cluster of `make cluster`.

use std::fs;

use crate::machine::{Machine, root};

#[test]
fn creates_a_cluster_once() {
    let made = Machine::new().script("cluster", &[]);
    assert!(made.success, "{made:?}");
    assert!(
        made.calls[1].starts_with("kind create cluster --config "),
        "{made:?}"
    );
    let found = Machine::new()
        .with("STAND_IN_CLUSTERS", "hello")
        .script("cluster", &[]);
    assert!(found.success, "{found:?}");
    assert_eq!(found.calls[1], "kind export kubeconfig --name hello");
    assert_eq!(made.calls[2..], found.calls[2..]);
    assert!(made.called("helm upgrade") > 5, "{made:?}");

    let other = Machine::new()
        .with("OVERLAY", "gke-l4")
        .script("cluster", &[]);
    assert!(!other.success);
    assert_eq!(other.calls, Vec::<String>::new());
}

#[test]
fn kind_runs_a_kubernetes_that_the_charts_support() {
    let read = |file| fs::read_to_string(root().join(file)).unwrap();
    let minor = |text: &str, before: &str| -> u32 {
        let after = text.split(before).nth(1).unwrap();
        let digits = after.split(|c: char| !c.is_ascii_digit()).next().unwrap();
        digits.parse().unwrap()
    };
    let node = minor(&read("k8s/platform/kind.yaml"), "kindest/node:v1.");
    let docs = read("docs/deploy.md");
    let supported = minor(&docs, "Kubernetes 1.")..=minor(&docs, " to 1.");
    assert!(supported.contains(&node), "1.{node} in {supported:?}");
}

//! The proxies that `make platform` restarts.

use std::fs;

use crate::machine::{Machine, root};

#[test]
fn restarts_old_proxies_after_an_upgrade() {
    let pods = "\
default|hello|||hello-server-1|registry.test/proxyv2:1.30.0\n\
istio-ingress||istio-ingressgateway||gateway-1|registry.test/proxyv2:1.30.0-distroless\n\
shop||||shop-1|registry.test/proxyv2:1.30.0\n\
default|hello|||new|registry.test/proxyv2:VERSION-distroless\n\
default|hello||waypoint|waypoint-1|registry.test/proxyv2:1.30.0\n\
plain|hello|||plain|\n\
default|hello|||digest|registry.test/proxyv2:VERSION@sha256:0123\n";
    let charts = fs::read_to_string(root().join("k8s/platform/charts.txt")).unwrap();
    let istiod = charts
        .lines()
        .find(|line| line.starts_with("istiod "))
        .unwrap();
    let version = istiod.split_whitespace().nth(3).unwrap();
    let machine = || Machine::new().with("STAND_IN_PROXIES", &pods.replace("VERSION", version));
    let run = machine().script("platform", &[]);
    assert!(run.success, "{run:?}");
    // The pods of Jobs that ended stay for an hour, with their old proxies.
    let pods = "kubectl get pods --all-namespaces --field-selector status.phase!=Succeeded,status.phase!=Failed ";
    assert_eq!(run.called(pods), 1, "{run:?}");
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

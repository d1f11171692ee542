//! `make platform`: what it installs, and where it stops.

use std::fs;

use crate::machine::{Machine, root};

#[test]
fn installs_the_platform_as_pinned() {
    let charts = fs::read_to_string(root().join("k8s/platform/charts.txt")).unwrap();
    for (overlay, context, variants) in [
        ("kind", "kind-hello", &["dashboards"][..]),
        ("kind-ambient", "kind-hello", &["ambient", "dashboards"]),
        ("gke-l4", "gke_project_region_name", &[]),
    ] {
        let run = Machine::public(overlay)
            .with("STAND_IN_CONTEXT", context)
            .with("STATIC_IP_NAME", "my-address")
            .script("platform", &[]);
        assert!(run.success, "{run:?}");
        let rows = charts.lines().filter(|line| !line.starts_with('#'));
        let rows = rows.map(|line| line.split_whitespace().collect::<Vec<_>>());
        let rows: Vec<_> = rows
            .filter(|row| row[5] == "all" || variants.contains(&row[5]))
            .collect();
        let [manifest, releases @ ..] = &rows[..] else {
            panic!("no rows")
        };
        let url = format!("{}/{}/{}", manifest[4], manifest[3], manifest[2]);
        let applied = format!(" -f {url}");
        assert!(run.calls.iter().any(|call| call.ends_with(&applied)));
        let helm = run
            .calls
            .iter()
            .filter(|call| call.starts_with("helm upgrade "));
        let helm: Vec<_> = helm.collect();
        assert_eq!(helm.len(), releases.len(), "{run:?}");
        for (call, row) in helm.iter().zip(releases) {
            let chart = match row[4].starts_with("oci://") {
                true => format!("{}/{}", row[4], row[2]),
                false => format!("{} --repo {}", row[2], row[4]),
            };
            let start = format!(
                "helm upgrade --install {} {chart} --version {} --namespace {} --create-namespace --labels installed-by=make-platform ",
                row[0], row[3], row[1]
            );
            assert!(call.starts_with(&start), "{call}");
            assert!(call.ends_with("--wait --timeout 10m"), "{call}");
        }
        for (name, values) in &run.files {
            assert!(!values.contains("STATIC_IP_NAME"), "{name}");
        }
        if overlay == "gke-l4" {
            let l4 = &run.files["helm-istio-ingressgateway-gke-l4.yaml"];
            assert!(
                l4.contains("load-balancer-ip-addresses: my-address"),
                "{l4}"
            );
            // A key inside of another word is no placeholder.
            let istiod = &run.files["helm-istiod-gke.yaml"];
            assert!(istiod.contains("CLOUD_PLATFORM: none"), "{istiod}");
        }
    }
}

/// The API server rejects a dry run in a namespace that does not exist, so
/// `make diff` needs it.
#[test]
fn creates_missing_namespaces() {
    for (found, created) in [
        ("namespace/default", 1),
        ("namespace/default namespace/observability", 0),
    ] {
        let machine = Machine::new().with("STAND_IN_NAMESPACES", found);
        let run = machine.script("platform", &[]);
        assert!(run.success, "{run:?}");
        assert_eq!(run.called("kubectl create namespace"), created, "{run:?}");
        assert_eq!(
            run.called("kubectl create namespace observability"),
            created
        );
    }
}

#[test]
fn does_not_replace_an_installed_gateway_api() {
    let machine = Machine::new().with("STAND_IN_CRD", "customresourcedefinition/gateways");
    let run = machine.script("platform", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(
        run.called("kubectl apply --server-side --field-manager=make-deploy -f https"),
        0
    );
}

#[test]
fn stops_if_a_chart_is_not_installed() {
    let machine = Machine::new().with("STAND_IN_FAIL", "helm *istio-cni*");
    let run = machine.script("platform", &[]);
    assert!(!run.success);
    assert!(
        run.last_line()
            .starts_with("platform: helm did not install istio-cni"),
        "{run:?}"
    );
    assert!(run.calls.last().unwrap().contains("istio-cni"), "{run:?}");
}

//! The scripts around `deploy`: cluster, platform, DNS, status, undeploy and
//! dashboards, and the commands in the documentation.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    machine::{Machine, root},
    rendering::{OVERLAYS, kinds, render},
};

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
fn gives_the_rules_to_prometheus_and_the_dashboards_to_grafana() {
    let run = Machine::new().script("platform", &[]);
    assert!(run.success, "{run:?}");
    let values: Value = serde_saphyr::from_str(&run.files["helm-rules.yaml"]).unwrap();
    let given = &values["serverFiles"]["alerting_rules.yml"];
    let file = root().join("k8s/components/monitoring-prometheus/prometheusrule.yaml");
    let rule: Value = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(given, &rule["spec"]);

    let position = |start: &str| run.calls.iter().position(|call| call.starts_with(start));
    let applied = run
        .files
        .iter()
        .find(|(_, text)| text.contains("services.json"));
    let (_, dashboards) = applied.unwrap();
    let dashboards: Value = serde_saphyr::from_str(dashboards).unwrap();
    let grafana: Value = serde_saphyr::from_str(&run.files["helm-grafana.yaml"]).unwrap();
    let (provider, name) = ("greeter", &dashboards["metadata"]["name"]);
    assert_eq!(&grafana["dashboardsConfigMaps"][provider], name);
    let path = &grafana["dashboardProviders"]["dashboardproviders.yaml"]["providers"][0]["options"];
    assert_eq!(path["path"], "/var/lib/grafana/dashboards/greeter");
    assert_eq!(dashboards["metadata"]["namespace"], "observability");
    // The volume of the ConfigMap must exist before Grafana starts.
    assert!(
        position("kubectl apply --server-side --field-manager=make-deploy -f dashboards.yaml")
            .unwrap()
            < position("helm upgrade --install grafana ").unwrap()
    );
    assert!(grafana["dashboards"].is_null(), "Grafana downloads these");
}

#[test]
fn creates_or_updates_the_dashboard_of_google() {
    let machine = || {
        Machine::new()
            .with("OVERLAY", "gke-l4")
            .with("GCP_PROJECT", "p")
    };
    let run = machine().script("dashboard-google", &[]);
    assert!(run.success, "{run:?}");
    let list = "gcloud monitoring dashboards list --project=p --filter=displayName=\"Greeter services\" --format=value(name)";
    assert_eq!(run.calls[0], list);
    assert!(
        run.calls[1]
            .starts_with("gcloud monitoring dashboards create --project=p --config-from-file=")
    );

    let found = machine().with("STAND_IN_DASHBOARD", "projects/1/dashboards/abc");
    let run = found.script("dashboard-google", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("gcloud monitoring dashboards create"), 0);
    let update = run.calls.iter().position(|call| {
        call.starts_with("gcloud monitoring dashboards update projects/1/dashboards/abc --project=p --config={\"etag\": \"e1\",")
    });
    let text = run.calls[update.unwrap()..].join("\n");
    let (_, config) = text.split_once("--config=").unwrap();
    let config: Value = serde_json::from_str(config).unwrap();
    assert_eq!(config["displayName"], "Greeter services");

    let run = Machine::new().script("dashboard-google", &[]);
    let message = "dashboard-google: the overlay kind has no GCP_PROJECT";
    assert!(run.last_line().starts_with(message), "{run:?}");
    assert_eq!(run.calls, Vec::<String>::new());
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

#[test]
fn sets_the_dns_record_to_the_load_balancer() {
    let machine = |record| Machine::public("gke-l4").with("STAND_IN_RECORD", record);
    for (record, verb) in [("", "create"), ("198.51.100.1", "update")] {
        let run = machine(record).script("dns", &[]);
        assert!(run.success, "{run:?}");
        let call = format!(
            "gcloud dns record-sets {verb} hello.mesh.test. --project=dns --zone=zone --type=A --rrdatas=203.0.113.7 --ttl=300"
        );
        assert_eq!(run.calls.last().unwrap(), &call);
    }
    let run = machine("203.0.113.7").script("dns", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called("gcloud"), 1);
    let run = machine("")
        .with("STAND_IN_FAIL", "gcloud *list*")
        .script("dns", &[]);
    assert!(!run.success);
    assert!(
        run.last_line()
            .starts_with("dns: gcloud cannot read the zone zone"),
        "{run:?}"
    );

    let run = Machine::new().script("dns", &[]);
    assert!(
        run.last_line()
            .starts_with("dns: the overlay kind has no DNS_ZONE"),
        "{run:?}"
    );
    assert_eq!(run.calls, Vec::<String>::new());
}

#[test]
fn shows_and_deletes_the_rendered_objects() {
    let status = Machine::new().script("status", &[]);
    assert!(status.success, "{status:?}");
    assert!(
        status
            .output
            .contains("hello.localhost must point at 127.0.0.1")
    );

    let undeploy = Machine::new().script("undeploy", &[]);
    assert!(undeploy.success, "{undeploy:?}");
    let deleted = kinds(&undeploy.files["0-delete"]);
    let mut rendered = render("kind", &[]);
    rendered.insert_str(0, "---\n");
    let rendered = kinds(&rendered);
    let kept: Vec<_> = rendered.difference(&deleted).collect();
    assert_eq!(kept, [&"Namespace"]);

    for script in ["status", "undeploy"] {
        let run = Machine::new()
            .with("STAND_IN_FAIL", "* -f *")
            .script(script, &[]);
        assert!(
            !run.success && run.last_line().starts_with(script),
            "{run:?}"
        );
    }
}

#[test]
fn opens_dashboards() {
    for (name, call) in [
        ("kiali", "service/kiali 20001:20001"),
        ("grafana", "service/grafana 3000:80"),
        ("prometheus", "service/prometheus-server 9090:80"),
        ("jaeger", "service/jaeger 16686:16686"),
    ] {
        let run = Machine::new().script("dashboard", &[name]);
        assert!(run.success, "{run:?}");
        let call = format!("kubectl -n observability port-forward {call}");
        assert_eq!(run.calls.last().unwrap(), &call);
        let machine = Machine::new().with("STAND_IN_FAIL", "* get service/*");
        let run = machine.script("dashboard", &[name]);
        let message = format!("dashboard: {name} is not installed");
        assert!(run.last_line().starts_with(&message), "{run:?}");
    }
}

#[test]
fn documents_only_targets_and_overlays_that_exist() {
    let help = Machine::new().with_real("make").program("make", &["help"]);
    assert!(help.success, "{help:?}");
    let targets: BTreeSet<_> = help
        .output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("make "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let read = |file| fs::read_to_string(root().join(file)).unwrap();
    let pages = [
        "docs/deploy.md",
        "docs/operations.md",
        "README.md",
        "k8s/README.md",
    ];
    let text = pages.map(read).concat();
    // The words after `make` are targets, up to a variable, a comment or the end.
    for command in text.split("make ").skip(1) {
        let line = command.split(['\n', '`']).next().unwrap();
        for word in line.split_whitespace() {
            if word.contains('=') || !word.starts_with(char::is_alphabetic) {
                break;
            }
            assert!(targets.contains(word), "make {line}: no target {word}");
        }
    }
    for overlay in text.split("OVERLAY=").skip(1) {
        let overlay = overlay
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .next();
        let exists = OVERLAYS.split(' ').any(|known| Some(known) == overlay);
        assert!(exists, "no overlay {overlay:?}");
    }
}

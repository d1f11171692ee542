//! Dashboards: installed, updated and opened.

use std::fs;

use serde_json::Value;

use crate::machine::{Machine, root};

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

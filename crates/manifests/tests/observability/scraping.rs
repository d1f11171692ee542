//! Prometheus reaches the servers, and has the rules.

use std::collections::BTreeSet;

use manifests::RENDERINGS;
use serde_json::{Value, json};

use super::{ADMIN, container, is_ambient, object, servers, strings, yaml};

/// Strict mTLS, authorization and network policies would each stop a scrape.
#[test]
fn prometheus_reaches_the_admin_port_under_every_policy() {
    let mut met = [0; 3];
    for rendering in RENDERINGS.iter() {
        let name = &rendering.name;
        if object(rendering, "PeerAuthentication", "default", "default").is_some()
            && !is_ambient(rendering)
        {
            for server in servers(rendering) {
                let app = server.pod_labels()["app"].as_str().unwrap();
                let own = object(rendering, "PeerAuthentication", app, "default");
                let own = &own
                    .unwrap_or_else(|| panic!("{name}: strict mTLS for {app}"))
                    .rest;
                let selected = &own["spec"]["selector"]["matchLabels"];
                assert_eq!(selected, &json!({"app": app}), "{name}");
                assert_eq!(own["spec"]["mtls"]["mode"], "STRICT", "{name}");
                let ports = &own["spec"]["portLevelMtls"];
                assert_eq!(ports, &json!({ADMIN: {"mode": "PERMISSIVE"}}), "{name}");
                met[0] += 1;
            }
        }
        if let Some(deny) = rendering.object("AuthorizationPolicy", "default-deny") {
            let rules: Vec<Value> = if is_ambient(rendering) {
                // ztunnel allows an identity, and ignores paths.
                assert!(rendering.object("AuthorizationPolicy", "metrics").is_none());
                deny.spec("rules")
            } else {
                let allow = rendering.object("AuthorizationPolicy", "metrics");
                let rules: Vec<Value> = allow.unwrap().spec("rules");
                let operation =
                    json!({"ports": [ADMIN], "methods": ["GET"], "paths": ["/metrics"]});
                assert_eq!(rules, [json!({"to": [{"operation": operation}]})], "{name}");
                rules
            };
            let ports = |rule: &Value| rule["to"][0]["operation"]["ports"].clone();
            assert!(rules.iter().any(|it| ports(it) == json!([ADMIN])), "{name}");
            met[1] += 1;
        }
        if object(rendering, "NetworkPolicy", "default-deny", "default").is_some() {
            let allow = object(rendering, "NetworkPolicy", "metrics", "default");
            let ingress: Vec<Value> = allow.unwrap().spec("ingress");
            let ports = ingress[0]["ports"].as_array().unwrap();
            for wanted in [9090, 15008, 15020, 15090] {
                assert!(ports.iter().any(|it| it["port"] == wanted), "{name}");
            }
            let from = &ingress[0]["from"][0]["namespaceSelector"]["matchExpressions"][0];
            for namespace in ["observability", "monitoring", "gmp-system"] {
                assert!(strings(&from["values"]).contains(&namespace), "{name}");
            }
            met[2] += 1;
        }
    }
    assert!(met.iter().all(|it| *it > 0), "{met:?}");
}

/// The labels app and version are in every rule and dashboard.
#[test]
fn every_prometheus_scrapes_both_servers_and_labels_them() {
    let mut scraped = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        for (kind, endpoints, labels) in [
            ("PodMonitor", "podMetricsEndpoints", "/podTargetLabels"),
            ("PodMonitoring", "endpoints", "/targetLabels/fromPod"),
        ] {
            let Some(monitor) = rendering.object(kind, "servers") else {
                continue;
            };
            let name = format!("{}: {kind}", rendering.name);
            let spec = &monitor.rest["spec"];
            let endpoint = &spec[endpoints][0];
            assert_eq!(endpoint["path"], "/metrics", "{name}");
            let labels = spec.pointer(labels).unwrap().as_array().unwrap();
            let labels: Vec<_> = labels
                .iter()
                .map(|it| it.get("to").unwrap_or(it).as_str().unwrap())
                .collect();
            assert_eq!(labels, ["app", "version"], "{name}");
            let expression = &spec["selector"]["matchExpressions"][0];
            for server in servers(rendering) {
                let app = server.pod_labels()["app"].as_str().unwrap();
                assert!(strings(&expression["values"]).contains(&app), "{name}");
                assert!(server.pod_labels()["version"].is_string(), "{name}");
                let ports = container(server).ports;
                assert!(
                    ports.iter().any(|port| endpoint["port"] == port.name
                        && port.container_port.to_string() == ADMIN),
                    "{name}: {app} has no such port"
                );
                scraped.insert(format!("{kind} {app}"));
            }
        }
    }
    assert_eq!(scraped.len(), 4, "{scraped:?}");

    let values = yaml("platform/values/prometheus.yaml");
    let relabel = values["scrapeConfigs"]["servers"]["relabel_configs"].as_array();
    let relabel = relabel.unwrap();
    assert_eq!(relabel[0]["regex"], "(hello-server|greeter-server);admin");
    let targets = relabel.iter().filter_map(|it| it["target_label"].as_str());
    let targets: BTreeSet<_> = targets.collect();
    assert!(
        targets.is_superset(&BTreeSet::from(["app", "version", "pod"])),
        "{targets:?}"
    );
}

/// The alerts of expiring certificates need cert-manager's metrics.
#[test]
fn every_prometheus_scrapes_cert_manager() {
    let mut seen = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        for (kind, endpoints) in [
            ("PodMonitor", "podMetricsEndpoints"),
            ("PodMonitoring", "endpoints"),
        ] {
            let Some(monitor) = rendering.object(kind, "cert-manager") else {
                assert!(
                    rendering.object(kind, "servers").is_none(),
                    "{}",
                    rendering.name
                );
                continue;
            };
            assert_eq!(monitor.metadata.namespace, "cert-manager");
            assert_eq!(monitor.rest["spec"][endpoints][0]["port"], "http-metrics");
            seen.insert(kind);
        }
    }
    assert_eq!(seen.len(), 2);
}

/// Managed Prometheus evaluates Rules on the metrics of their namespace only.
#[test]
fn both_kinds_of_prometheus_get_the_same_rules() {
    let file = yaml("components/monitoring-prometheus/prometheusrule.yaml");
    let mut seen = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        for kind in ["PrometheusRule", "ClusterRules"] {
            let Some(rules) = rendering.object(kind, "services") else {
                continue;
            };
            assert_eq!(rules.rest["spec"], file["spec"], "{}", rendering.name);
            let cluster = kind == "ClusterRules";
            assert_eq!(rules.metadata.namespace.is_empty(), cluster);
            let others = ["PodMonitor", "PodMonitoring"];
            let [expected, absent] = if cluster { [1, 0] } else { [0, 1] }.map(|it| others[it]);
            assert!(
                rendering.objects(expected).count() > 0,
                "{}",
                rendering.name
            );
            assert_eq!(rendering.objects(absent).count(), 0, "{}", rendering.name);
            seen.insert(kind);
        }
    }
    assert_eq!(seen.len(), 2);
}

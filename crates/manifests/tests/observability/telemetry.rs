//! Spans, access logs and the metrics of proxies.

use std::{collections::BTreeSet, fs, path::Path};

use manifests::RENDERINGS;
use serde_json::{Value, json};

use super::{K8S, container, is_ambient, object, servers, strings, yaml};

#[test]
fn every_server_sends_spans_to_the_collector() {
    let mut versions = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        if rendering.object("Telemetry", "tracing").is_none() {
            continue;
        }
        let name = &rendering.name;
        for server in servers(rendering) {
            let env = container(server);
            let app = server.pod_labels()["app"].as_str().unwrap();
            let place = "list tracing after canary";
            assert_eq!(env.env("OTEL_SERVICE_NAME"), Some(app), "{name}: {place}");
            let endpoint = env.env("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap();
            assert_eq!(endpoint, "http://otel-collector.observability:4317");
            assert_eq!(env.env("OTEL_EXPORTER_OTLP_PROTOCOL"), Some("grpc"));
            let attributes = env.env("OTEL_RESOURCE_ATTRIBUTES").unwrap();
            assert!(
                attributes.contains("service.version=$(POD_VERSION),"),
                "{attributes}"
            );
            let project = env.env("GOOGLE_CLOUD_PROJECT");
            assert_eq!(
                project.is_some(),
                rendering.name.contains("gke") || name.contains("google")
            );
            assert_ne!(project, Some("GCP_PROJECT"), "{name}");
            let annotations = &server.rest["spec"]["template"]["metadata"]["annotations"];
            assert_eq!(
                annotations["traffic.sidecar.istio.io/excludeOutboundPorts"],
                "4317"
            );
            versions.insert(server.metadata.name.clone());
        }
        let collector = object(rendering, "Service", "otel-collector", "observability");
        assert_eq!(collector.unwrap().rest["spec"]["ports"][0]["port"], 4317);
        // A policy that is missing here blocks the spans.
        if let Some(mesh) = object(rendering, "NetworkPolicy", "mesh", "default") {
            let egress: Vec<Value> = mesh.spec("egress");
            let to = egress.last().unwrap();
            assert_eq!(
                to["to"][0]["podSelector"]["matchLabels"],
                json!({"app": "otel-collector"}),
                "{name}: list tracing after network-policy"
            );
            assert_eq!(to["ports"][0]["port"], 4317, "{name}");
        }
    }
    assert_eq!(versions.len(), 3, "{versions:?}");
}

/// Istio applies one Telemetry without a selector for each namespace, and one with
/// a selector for each pod. Others are ignored without an error.
#[test]
fn no_telemetry_hides_another() {
    let istiod = yaml("platform/values/istiod.yaml");
    let providers = istiod["meshConfig"]["extensionProviders"].as_array();
    let providers: Vec<_> = providers.unwrap().iter().collect();
    let provider = |name: &Value| *providers.iter().find(|it| it["name"] == *name).unwrap();
    let mut used = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        let mut seen = BTreeSet::new();
        for telemetry in rendering.objects("Telemetry") {
            let spec = &telemetry.rest["spec"];
            let whole = spec["selector"].is_null() && spec["targetRefs"].is_null();
            let place = (telemetry.metadata.namespace.clone(), whole);
            assert!(seen.insert(place), "{}: {spec}", rendering.name);
            let parts = [&spec["tracing"][0], &spec["accessLogging"][0]];
            for part in parts.into_iter().filter(|it| !it.is_null()) {
                used.insert(provider(&part["providers"][0]["name"])["name"].to_string());
            }
            // The pods of the selector: in ambient only the waypoint has a proxy.
            if let Some(labels) = spec["selector"]["matchLabels"].as_object()
                && telemetry.metadata.namespace == "default"
            {
                assert!(
                    !is_ambient(rendering),
                    "{}: list tracing before ambient",
                    rendering.name
                );
                for server in servers(rendering) {
                    for (key, value) in labels {
                        assert_eq!(&server.pod_labels()[key], value, "{}", rendering.name);
                    }
                }
            }
        }
    }
    assert_eq!(used.len(), 2, "{used:?}");
    let otlp = &provider(&json!("otel-tracing"))["opentelemetry"];
    assert_eq!(
        otlp["service"],
        "otel-collector.observability.svc.cluster.local"
    );
    assert_eq!(otlp["port"], 4317);
    assert!(
        istiod["meshConfig"]["accessLogFile"].is_null(),
        "the mesh would log every request"
    );
}

/// The metrics that Envoy hides in a mesh by default.
#[test]
fn proxies_expose_the_metrics_of_the_dashboards() {
    let istiod = yaml("platform/values/istiod.yaml");
    let exposed = &istiod["meshConfig"]["defaultConfig"]["proxyStatsMatcher"]["inclusionSuffixes"];
    let exposed: Vec<_> = strings(exposed)
        .iter()
        .map(|it| format!("envoy_cluster_{}", it.replace('.', "_")))
        .collect();
    let mut names = BTreeSet::new();
    for query in manifests::monitoring::queries() {
        let words = query.expr.split(|c: char| !c.is_alphanumeric() && c != '_');
        let ours =
            words.filter(|it| it.starts_with("envoy_cluster_") && *it != "envoy_cluster_name");
        names.extend(ours.map(str::to_owned));
    }
    assert!(!names.is_empty());
    for name in names {
        assert!(
            exposed.contains(&name),
            "istiod.yaml does not expose {name}"
        );
    }
}

#[test]
fn kiali_and_grafana_find_jaeger_and_prometheus() {
    let charts = fs::read_to_string(Path::new(K8S).join("platform/charts.txt")).unwrap();
    let jaeger = charts
        .lines()
        .find(|line| line.starts_with("jaeger "))
        .unwrap();
    assert!(jaeger.ends_with(" dashboards"), "{jaeger}");
    let kiali = yaml("platform/values/kiali.yaml");
    let tracing = &kiali["external_services"]["tracing"];
    assert_eq!(tracing["internal_url"], "http://jaeger.observability:16685");
    assert_eq!([&tracing["enabled"], &tracing["use_grpc"]], [true, true]);
    let grafana = yaml("platform/values/grafana.yaml");
    let sources = &grafana["datasources"]["datasources.yaml"]["datasources"];
    assert_eq!(sources[1]["url"], "http://jaeger:16686");
    let exemplars = &sources[0]["jsonData"]["exemplarTraceIdDestinations"][0];
    assert_eq!(exemplars["datasourceUid"], sources[1]["uid"]);
    assert_eq!(exemplars["name"], "trace_id");
    let prometheus = yaml("platform/values/prometheus.yaml");
    let flags = strings(&prometheus["server"]["extraFlags"]);
    assert!(
        flags.contains(&"enable-feature=exemplar-storage"),
        "{flags:?}"
    );
}

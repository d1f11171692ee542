//! Metrics, traces and logs in the cluster: whether each object can do what it is
//! there for under the policies beside it.

use std::{collections::BTreeSet, fs, path::Path};

use manifests::{ContainerSpec, Object, RENDERINGS, Rendering};
use serde_json::{Value, json};

const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");
const ADMIN: &str = "9090";

fn yaml(file: &str) -> Value {
    let path = Path::new(K8S).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn strings(value: &Value) -> Vec<&str> {
    let items = value.as_array().into_iter().flatten();
    items.map(|it| it.as_str().unwrap()).collect()
}

/// The object of this kind, name and namespace.
fn object<'a>(
    rendering: &'a Rendering,
    kind: &str,
    name: &str,
    namespace: &str,
) -> Option<&'a Object> {
    let mut named = rendering
        .objects(kind)
        .filter(|it| it.metadata.name == name);
    named.find(|it| it.metadata.namespace == namespace)
}

/// The Deployments of the servers, all versions.
fn servers(rendering: &Rendering) -> impl Iterator<Item = &Object> {
    rendering.objects("Deployment").filter(|it| {
        let app = it.pod_labels()["app"].as_str().unwrap_or_default();
        ["hello-server", "greeter-server"].contains(&app)
    })
}

fn container(server: &Object) -> ContainerSpec {
    let containers = server.pod_spec("containers").unwrap();
    serde_json::from_value(containers[0].clone()).unwrap()
}

fn is_ambient(rendering: &Rendering) -> bool {
    rendering.object("Gateway", "waypoint").is_some()
}

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

#[test]
fn every_image_has_a_fixed_tag_and_no_registry_host() {
    let mut seen = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        for object in &rendering.objects {
            let containers = object.pod_spec("containers").and_then(Value::as_array);
            for container in containers.into_iter().flatten() {
                let image = container["image"].as_str().unwrap();
                let (name, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
                assert_ne!(tag, "latest", "{}: {image}", rendering.name);
                let host = name.split('/').next().unwrap();
                assert!(!host.contains('.'), "{}: {image}", rendering.name);
                seen.insert(name.to_owned());
            }
        }
    }
    assert!(seen.contains("otel/opentelemetry-collector"), "{seen:?}");
    assert!(
        seen.contains("otel/opentelemetry-collector-contrib"),
        "{seen:?}"
    );
}

/// A component that nothing renders is checked by nothing.
#[test]
fn every_component_is_rendered_and_documented() {
    let mut lists = String::new();
    for group in ["overlays", "tests", "components"] {
        for folder in fs::read_dir(Path::new(K8S).join(group)).unwrap() {
            let file = folder.unwrap().path().join("kustomization.yaml");
            lists += &fs::read_to_string(file).unwrap_or_default();
        }
    }
    for folder in fs::read_dir(Path::new(K8S).join("components")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(
            folder.join("README.md").is_file(),
            "{name} has no README.md"
        );
        let listed = lists
            .lines()
            .any(|line| line.ends_with(&format!("/{name}")));
        assert!(listed, "no overlay and no test renders {name}");
    }
}

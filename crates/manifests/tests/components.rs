//! What single components promise, in every rendering that has them.

use std::{collections::BTreeSet, fs, path::Path};

use manifests::{Object, RENDERINGS, render};
use serde_json::Value;

const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");

/// The objects of a kind in all renderings, each with the rendering's name.
fn all(kind: &'static str) -> impl Iterator<Item = (&'static str, &'static Object)> {
    RENDERINGS.iter().flat_map(move |rendering| {
        let objects = rendering.objects(kind);
        objects.map(|it| (rendering.name.as_str(), it))
    })
}

/// Ports are those of the gateway's pods: a list would leave open what it does not name,
/// for example 8443 behind the Service's 443.
#[test]
fn policies_of_the_gateway_hold_on_every_port() {
    let mut seen = BTreeSet::new();
    for (rendering, policy) in all("AuthorizationPolicy") {
        let selector: Value = policy.spec("selector");
        if selector["matchLabels"]["istio"] != "ingressgateway" {
            continue;
        }
        for rule in policy.spec::<Vec<Value>>("rules") {
            for to in rule["to"].as_array().into_iter().flatten() {
                let name = &policy.metadata.name;
                let ports = &to["operation"]["ports"];
                assert!(ports.is_null(), "{rendering}: {name} names ports {ports}");
                seen.insert(name.clone());
            }
        }
    }
    assert!(seen.contains("require-iap"), "{seen:?}");
    assert!(seen.contains("require-jwt"), "{seen:?}");
}

/// istiod warns about a DENY policy that has conditions on HTTP only.
#[test]
fn policies_that_deny_name_ports() {
    let mut seen = 0;
    for (rendering, policy) in all("AuthorizationPolicy") {
        if policy.spec::<Value>("action") != "DENY" {
            continue;
        }
        for rule in policy.spec::<Vec<Value>>("rules") {
            let operations = rule["to"].as_array().into_iter().flatten();
            let ports = operations
                .map(|it| &it["operation"])
                .any(|it| it["ports"].is_array() || it["notPorts"].is_array());
            let name = &policy.metadata.name;
            assert!(ports, "{rendering}: {name} has a rule without ports");
            seen += 1;
        }
    }
    assert!(seen > 0, "no policy denies");
}

/// `istioctl analyze` reports IST0151 otherwise.
#[test]
fn filters_with_a_relative_place_have_a_priority() {
    let mut seen = 0;
    for (rendering, filter) in all("EnvoyFilter") {
        let patches: Vec<Value> = filter.spec("configPatches");
        let mut operations = patches.iter().map(|it| &it["patch"]["operation"]);
        if operations.any(|it| it == "INSERT_BEFORE" || it == "INSERT_AFTER") {
            let name = &filter.metadata.name;
            let priority: Value = filter.spec("priority");
            assert!(priority.is_i64(), "{rendering}: {name} has no priority");
            seen += 1;
        }
    }
    assert!(seen > 0, "no filter has a relative place");
}

/// Its default writes the statistics of each request into the log.
#[test]
fn the_rate_limit_service_logs_no_statistics() {
    let mut seen = 0;
    for (rendering, service) in all("Deployment").filter(|it| it.1.metadata.name == "ratelimit") {
        let env = &service.pod_spec("containers").unwrap()[0]["env"];
        let value = |name: &str| {
            let mut all = env.as_array().unwrap().iter();
            Some(
                all.find(|it| it["name"] == name)?["value"]
                    .as_str()
                    .unwrap(),
            )
        };
        assert_eq!(value("DISABLE_STATS"), Some("true"), "{rendering}");
        assert_eq!(value("LOG_LEVEL"), Some("info"), "{rendering}");
        seen += 1;
    }
    assert!(seen > 0, "no rendering has the rate limit service");
}

/// The component `http`. Without it, port 80 redirects.
#[test]
fn port_80_serves_only_with_the_component_http() {
    let mut seen = (0, 0);
    for rendering in RENDERINGS.iter() {
        let name = &rendering.name;
        let http = rendering.object("Job", "smoke-http").is_some();
        let gateways = rendering.objects("Gateway");
        let istio = gateways.filter(|it| it.api_version.starts_with("networking.istio.io"));
        let redirects = istio.map(|gateway| {
            let servers: Vec<Value> = gateway.spec("servers");
            servers[0]["tls"]["httpsRedirect"] == true
        });
        let redirects: Vec<_> = match rendering.object("GRPCRoute", "public") {
            Some(_) => vec![rendering.object("HTTPRoute", "public-redirect").is_some()],
            None => redirects.collect(),
        };
        if redirects.is_empty() {
            continue; // without a gateway
        }
        assert_eq!(redirects, [!http], "{name}");
        if http {
            // It would need a certificate.
            assert!(rendering.object("Job", "smoke-gateway").is_none(), "{name}");
            seen.0 += 1;
        }
        seen.1 += 1;
    }
    assert!(seen.0 >= 2 && seen.1 > seen.0, "{seen:?}");
}

/// As `smoke-gateway`, which the components for certificates and tokens patch too.
#[test]
fn the_load_through_the_gateway_verifies_tls_and_sends_the_token() {
    let load = render("tests/http").workload("Deployment", "gateway-load");
    let args = load.container.args();
    for arg in [
        "--tls",
        "--cacert=/tls/ca.crt",
        "--header=authorization=Bearer SMOKE_TOKEN",
        "--server-name=hello.example.com",
        "--authority=hello.example.com",
    ] {
        assert!(args.iter().any(|it| it == arg), "no {arg} in {args:?}");
    }
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

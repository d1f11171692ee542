//! What single components promise, in every rendering that has them.

use manifests::{Object, RENDERINGS, render};
use serde_json::Value;

/// The objects of a kind in all renderings, each with the rendering's name.
fn all(kind: &'static str) -> impl Iterator<Item = (&'static str, &'static Object)> {
    RENDERINGS.iter().flat_map(move |rendering| {
        let objects = rendering.objects(kind);
        objects.map(|it| (rendering.name.as_str(), it))
    })
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

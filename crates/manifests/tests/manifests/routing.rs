//! Routes, timeouts and retries: the same at every gateway and in the mesh.

use std::collections::BTreeSet;

use manifests::{RENDERINGS, routes};
use serde_json::{Value, json};

#[test]
fn all_gateways_have_the_same_routes() {
    let local = routes::local_gateway();
    assert_eq!(local["/"], "hello");
    assert_eq!(local["/helloworld.Greeter/"], "greeter");
    let mut compared = (0, 0);
    for rendering in RENDERINGS.iter() {
        if let Some(found) = routes::istio(rendering) {
            assert_eq!(found, local, "{}: VirtualService", rendering.name);
            compared.0 += 1;
        }
        if let Some(found) = routes::gateway_api(rendering) {
            assert_eq!(found, local, "{}: HTTPRoute, GRPCRoute", rendering.name);
            compared.1 += 1;
        }
    }
    assert!(compared.0 > 0 && compared.1 > 0, "{compared:?}");
}

/// The component `resilience` patches the routes of the components before it. A
/// gateway listed after it would have no timeouts, without an error.
#[test]
fn unary_calls_have_the_same_timeout_at_the_gateway_and_in_the_mesh() {
    let mut bounded = 0;
    for rendering in RENDERINGS.iter() {
        let timeout = |name| {
            let routes: Vec<Value> = rendering.object("VirtualService", name)?.spec("http");
            let unary = routes.iter().find(|it| it["name"] == "greeter-unary");
            Some(unary.unwrap()["timeout"].clone())
        };
        let (Some(public), Some(mesh)) = (timeout("public"), timeout("greeter")) else {
            continue;
        };
        let name = &rendering.name;
        assert_eq!(
            public, mesh,
            "{name}: list gateway-istio before standard and resilience"
        );
        assert!(
            public.is_string() || !name.starts_with("overlays/"),
            "{name}: greeter-unary has no timeout"
        );
        bounded += usize::from(public.is_string());
    }
    assert!(bounded > 0, "nothing has gateway-istio and resilience");
}

/// The component `ambient` attaches the policies of the components before it to
/// the waypoint. A policy listed after it would stay at the pods, where ztunnel
/// cannot match paths and denies.
#[test]
fn ambient_moves_every_policy_to_the_waypoint() {
    let mut moved = 0;
    let ambient = RENDERINGS
        .iter()
        .filter(|it| it.object("Gateway", "waypoint").is_some());
    for rendering in ambient {
        for name in ["greeter", "hello"] {
            let Some(policy) = rendering.object("AuthorizationPolicy", name) else {
                continue;
            };
            let selector: Value = policy.spec("selector");
            let targets: Value = policy.spec("targetRefs");
            assert!(
                selector.is_null() && targets.is_array(),
                "{}: {name} is not attached to the waypoint; list ambient after standard and authorization",
                rendering.name
            );
            moved += 1;
        }
        let Some(public) = rendering.object("VirtualService", "public") else {
            continue;
        };
        let routes: Vec<Value> = public.spec("http");
        for route in routes.iter().filter(|it| it["name"] != "hello") {
            let name = route["name"].as_str().unwrap();
            let to_greeter = route["route"][0]["destination"]["host"]
                .as_str()
                .is_some_and(|host| host.starts_with("greeter."));
            assert!(
                !to_greeter || route["retries"] == json!({"attempts": 0}),
                "{}: the gateway and the waypoint both retry {name}; list ambient after resilience",
                rendering.name
            );
        }
    }
    assert!(moved > 0, "no rendering has ambient and authorization");
}

/// Istio's default retries would hide injected faults, and repeat streams.
#[test]
fn experiments_are_not_retried() {
    let mut seen = BTreeSet::new();
    for rendering in RENDERINGS.iter() {
        for service in rendering.objects("VirtualService") {
            let routes: Vec<Value> = service.spec("http");
            for route in routes {
                let matches = route["match"].as_array().into_iter().flatten();
                if matches.into_iter().all(|it| it["headers"].is_null()) {
                    continue;
                }
                let name = route["name"].as_str().unwrap().to_owned();
                assert_eq!(
                    route["retries"],
                    json!({"attempts": 0}),
                    "{}: {name}",
                    rendering.name
                );
                seen.insert(name);
            }
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}

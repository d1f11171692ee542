//! The routes of the gateways, brought to one form so that they can be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
};

use local_mesh::{Addresses, envoy::Settings};
use serde_json::Value;

use super::manifests::Rendering;

/// Where a path's prefix leads: the one table that all gateways must agree on.
pub(crate) type Routes = BTreeMap<String, String>;

/// The routes of the local gateway.
pub(crate) fn local_gateway() -> Routes {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = [Addresses {
        public: nowhere,
        admin: nowhere,
    }];
    let settings = Settings {
        address: nowhere.ip(),
        http_port: 0,
        https_port: 0,
        greeters: &addresses,
        hello: &addresses,
    };
    let config: Value = serde_saphyr::from_str(&settings.render()).unwrap();
    let filter = &config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
    let host = &filter["typed_config"]["route_config"]["virtual_hosts"][0];
    let routes = host["routes"].as_array().unwrap().iter();
    routes
        .map(|route| {
            (
                text(&route["match"]["prefix"]),
                text(&route["route"]["cluster"]),
            )
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A host's first label: the Service's name.
fn service(host: &Value) -> String {
    text(host).split('.').next().unwrap_or_default().to_owned()
}

/// The routes of Istio's VirtualService. Those that ask for a header are for
/// experiments; an exact path must lead where its prefix does.
pub(crate) fn istio(rendering: &Rendering) -> Option<Routes> {
    let http: Vec<Value> = rendering.object("VirtualService", "public")?.spec("http");
    let mut routes = Routes::new();
    let mut exact = Routes::new();
    for route in &http {
        let destinations = route["route"].as_array().unwrap().iter();
        let destinations: BTreeSet<_> = destinations
            .map(|it| service(&it["destination"]["host"]))
            .collect();
        assert_eq!(destinations.len(), 1, "{}: {route:#}", rendering.name);
        let destination = destinations.into_iter().next().unwrap();
        let Some(matches) = route["match"].as_array() else {
            routes.insert("/".to_owned(), destination);
            continue;
        };
        for it in matches.iter().filter(|it| it["headers"].is_null()) {
            if let Some(prefix) = it["uri"]["prefix"].as_str() {
                routes.insert(prefix.to_owned(), destination.clone());
            } else {
                exact.insert(text(&it["uri"]["exact"]), destination.clone());
            }
        }
    }
    for (path, destination) in exact {
        let prefixes = routes.keys().filter(|prefix| path.starts_with(*prefix));
        let longest = prefixes.max_by_key(|prefix| prefix.len()).unwrap();
        assert_eq!(routes[longest], destination, "{}: {path}", rendering.name);
    }
    Some(routes)
}

/// The routes of the Gateway API: a gRPC service is the prefix of its methods.
pub(crate) fn gateway_api(rendering: &Rendering) -> Option<Routes> {
    let mut routes = Routes::new();
    let grpc: Vec<Value> = rendering.object("GRPCRoute", "public")?.spec("rules");
    let http: Vec<Value> = rendering.object("HTTPRoute", "public")?.spec("rules");
    for rule in grpc.iter().chain(&http) {
        let destination = service(&rule["backendRefs"][0]["name"]);
        let Some(matches) = rule["matches"].as_array() else {
            routes.insert("/".to_owned(), destination);
            continue;
        };
        for it in matches {
            let prefix = match &it["method"]["service"] {
                Value::String(service) => format!("/{service}/"),
                _ => text(&it["path"]["value"]),
            };
            routes.insert(prefix, destination.clone());
        }
    }
    Some(routes)
}

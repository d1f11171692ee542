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

/// A path that is matched.
#[derive(Debug)]
enum Match {
    Prefix(String),
    Exact(String),
}

impl Match {
    fn path(&self) -> &str {
        let (Self::Prefix(path) | Self::Exact(path)) = self;
        path
    }

    /// Whether nothing of another match is left after this one.
    fn covers(&self, other: &Self) -> bool {
        match self {
            Self::Prefix(prefix) => other.path().starts_with(prefix.as_str()),
            Self::Exact(path) => matches!(other, Self::Exact(other) if other == path),
        }
    }
}

/// The table of a gateway that takes the first route that matches: the last must
/// take everything, and none may stand behind one that covers it. An exact path
/// must lead where its prefix does.
fn first_match(name: &str, ordered: Vec<(Match, String)>) -> Routes {
    for (place, (earlier, _)) in ordered.iter().enumerate() {
        let later = ordered[place + 1..].iter().map(|(it, _)| it);
        let hidden: Vec<_> = later.filter(|it| earlier.covers(it)).collect();
        assert!(hidden.is_empty(), "{name}: {earlier:?} hides {hidden:?}");
    }
    let (last, _) = ordered.last().expect("no routes");
    assert!(
        matches!(last, Match::Prefix(prefix) if prefix == "/"),
        "{name}: the last route takes only {last:?}"
    );
    for (exact, destination) in &ordered {
        let Match::Exact(path) = exact else { continue };
        let prefix = ordered
            .iter()
            .find(|(it, _)| matches!(it, Match::Prefix(prefix) if path.starts_with(prefix)));
        let (_, to) = prefix.unwrap();
        assert_eq!(to, destination, "{name}: {path}");
    }
    let prefixes = ordered.into_iter().filter_map(|(it, to)| match it {
        Match::Prefix(prefix) => Some((prefix, to)),
        Match::Exact(_) => None,
    });
    prefixes.collect()
}

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
    let routes = routes.map(|route| {
        let prefix = Match::Prefix(text(&route["match"]["prefix"]));
        (prefix, text(&route["route"]["cluster"]))
    });
    first_match("local gateway", routes.collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A host's first label: the Service's name.
fn service(host: &Value) -> String {
    text(host).split('.').next().unwrap_or_default().to_owned()
}

/// The routes of Istio's VirtualService. Those that ask for a header are for
/// experiments.
pub(crate) fn istio(rendering: &Rendering) -> Option<Routes> {
    let http: Vec<Value> = rendering.object("VirtualService", "public")?.spec("http");
    let mut ordered = Vec::new();
    for route in &http {
        let destinations = route["route"].as_array().unwrap().iter();
        let destinations: BTreeSet<_> = destinations
            .map(|it| service(&it["destination"]["host"]))
            .collect();
        assert_eq!(destinations.len(), 1, "{}: {route:#}", rendering.name);
        let destination = destinations.into_iter().next().unwrap();
        let Some(matches) = route["match"].as_array() else {
            ordered.push((Match::Prefix("/".to_owned()), destination));
            continue;
        };
        for it in matches.iter().filter(|it| it["headers"].is_null()) {
            let path = match it["uri"]["prefix"].as_str() {
                Some(prefix) => Match::Prefix(prefix.to_owned()),
                None => Match::Exact(text(&it["uri"]["exact"])),
            };
            ordered.push((path, destination.clone()));
        }
    }
    Some(first_match(&rendering.name, ordered))
}

/// The routes of the Gateway API: a gRPC service is the prefix of its methods.
/// The longest match wins there, whatever the order.
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

//! The routes of the three gateways as one kind of table, to compare them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
};

use local_mesh::{
    Addresses,
    envoy::{Features, Settings},
};
use serde_json::Value;

use crate::rendering::Rendering;

/// The destination of each path prefix. All gateways must have the same.
pub type Routes = BTreeMap<String, String>;

/// The path match of a route.
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

    /// Whether this match takes every path that the other would.
    fn covers(&self, other: &Self) -> bool {
        match self {
            Self::Prefix(prefix) => other.path().starts_with(prefix.as_str()),
            Self::Exact(path) => matches!(other, Self::Exact(other) if other == path),
        }
    }
}

/// The table of a gateway where the first match wins. Checks that no route hides
/// a later one, that the last route matches every path, and that an exact path
/// has the destination of its prefix.
fn first_match(name: &str, ordered: Vec<(Match, String)>) -> Routes {
    for (index, (earlier, _)) in ordered.iter().enumerate() {
        let later = ordered[index + 1..].iter().map(|(it, _)| it);
        let hidden: Vec<_> = later.filter(|it| earlier.covers(it)).collect();
        assert!(hidden.is_empty(), "{name}: {earlier:?} hides {hidden:?}");
    }
    let (last, _) = ordered.last().expect("no routes");
    assert!(
        matches!(last, Match::Prefix(prefix) if prefix == "/"),
        "{name}: the last route matches only {last:?}"
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
///
/// # Panics
/// If a route is hidden or has no destination.
#[must_use]
pub fn local_gateway() -> Routes {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = [Addresses {
        public: any,
        admin: any,
    }];
    let settings = Settings {
        address: any.ip(),
        http_port: 0,
        https_port: 0,
        greeters: &addresses,
        hello: &addresses,
        features: Features::default(),
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

/// The first label of a host, which is the Service's name.
fn service(host: &Value) -> String {
    text(host).split('.').next().unwrap_or_default().to_owned()
}

/// The routes of Istio's VirtualService `public`, if there is one. Matches on a
/// header are left out: they are for experiments.
///
/// # Panics
/// If a route is hidden or has several destinations.
#[must_use]
pub fn istio(rendering: &Rendering) -> Option<Routes> {
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

/// The routes of the Gateway API's `public` routes, if there are any. A gRPC
/// service is the prefix of its methods. The longest match wins, in any order.
#[must_use]
pub fn gateway_api(rendering: &Rendering) -> Option<Routes> {
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

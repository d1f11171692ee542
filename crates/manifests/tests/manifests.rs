//! The Kubernetes manifests against the programs that they run.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use clap::Parser;
use greeter_proto::health::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use manifests::{ContainerSpec, PortRef, RENDERINGS, Rendering, routes, spec};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Listeners, ServiceConfig};
use transport::{Connection, Dialer};

fn parse<P: Parser>(workload: &str, container: &ContainerSpec) -> P {
    let program = container.program().to_owned();
    P::try_parse_from([program].into_iter().chain(container.args()))
        .unwrap_or_else(|error| panic!("{workload}: {error}"))
}

#[test]
fn every_program_accepts_its_arguments() {
    let mut seen = BTreeSet::new();
    for workload in RENDERINGS.iter().flat_map(Rendering::workloads) {
        let container = &workload.container;
        match container.program() {
            "hello-server" => drop(parse::<hello_server::Config>(&workload.name, container)),
            "greeter-server" => drop(parse::<greeter_server::Config>(&workload.name, container)),
            "greeter-client" => drop(parse::<greeter_client::cli::Cli>(&workload.name, container)),
            other => panic!("{}: {other} is not one of our programs", workload.name),
        }
        seen.insert(container.program().to_owned());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn every_field_is_known() {
    for rendering in RENDERINGS.iter() {
        for object in &rendering.objects {
            if let Err(error) = spec::check(object) {
                let (kind, name) = (&object.kind, &object.metadata.name);
                panic!("{}: {kind} {name}: {error}", rendering.name);
            }
        }
    }
}

/// A server that runs with the arguments of a manifest, on free ports.
struct Served {
    /// The address of each port of the manifest.
    ports: BTreeMap<u16, SocketAddr>,
}

impl Served {
    async fn start(workload: &str, container: &ContainerSpec) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listeners = Listeners::bind(any, any).await.unwrap();
        let public = listeners.public.local_addr().unwrap();
        let admin = listeners.admin.local_addr().unwrap();
        let ports = |listen: SocketAddr, service: &ServiceConfig| {
            BTreeMap::from([(listen.port(), public), (service.admin.port(), admin)])
        };
        let forever = std::future::pending();
        let ports = match container.program() {
            "hello-server" => {
                let config: hello_server::Config = parse(workload, container);
                let ports = ports(config.listen, &config.service);
                tokio::spawn(hello_server::run(listeners, config, forever));
                ports
            }
            "greeter-server" => {
                let config: greeter_server::Config = parse(workload, container);
                let ports = ports(config.listen, &config.service);
                tokio::spawn(greeter_server::run(listeners, config, forever));
                ports
            }
            other => panic!("{workload}: {other} is not a server"),
        };
        Self { ports }
    }

    async fn serves_http(&self, port: u16, path: &str) -> bool {
        let address = self.ports[&port];
        let response = reqwest::get(format!("http://{address}{path}"));
        response.await.unwrap().status().is_success()
    }

    async fn serves_health(&self, port: u16, service: &str) -> bool {
        let connection = dial(self.ports[&port]).await;
        let origin = connection.channel.origin().clone();
        let service = service.to_owned();
        let response = HealthClient::with_origin(connection.channel, origin)
            .check(HealthCheckRequest { service })
            .await;
        response.is_ok_and(|it| it.get_ref().status() == ServingStatus::Serving)
    }
}

async fn dial(address: SocketAddr) -> Connection {
    let target = format!("http://{address}").parse().unwrap();
    let dialer = Dialer::new(target, None, Duration::from_secs(5));
    dialer
        .dial()
        .await
        .map_err(|failure| failure.error)
        .unwrap()
}

#[tokio::test]
async fn every_port_is_open_and_every_probe_succeeds() {
    let mut probed = 0;
    for workload in RENDERINGS.iter().flat_map(Rendering::workloads) {
        let (name, container) = (&workload.name, &workload.container);
        if container.program() == "greeter-client" {
            assert_eq!(container.ports.len() + container.probes().count(), 0);
            continue;
        }
        let served = Served::start(name, container).await;
        let ports: BTreeSet<_> = container.ports.iter().map(|it| it.container_port).collect();
        assert_eq!(ports, served.ports.keys().copied().collect(), "{name}");
        assert_eq!(container.probes().count(), 3, "{name}");
        for probe in container.probes() {
            match (&probe.http_get, &probe.grpc) {
                (Some(http), None) => {
                    let port = container
                        .port(&http.port)
                        .unwrap_or_else(|| panic!("{name}: no port {:?}", http.port));
                    assert!(
                        served.serves_http(port, &http.path).await,
                        "{name}: port {port} does not serve {}",
                        http.path
                    );
                }
                (None, Some(grpc)) => assert!(
                    served.ports.contains_key(&grpc.port)
                        && served.serves_health(grpc.port, &grpc.service).await,
                    "{name}: port {} does not serve {:?}",
                    grpc.port,
                    grpc.service
                ),
                _ => panic!("{name}: a probe must be httpGet or grpc"),
            }
            probed += 1;
        }
    }
    assert!(probed > 0, "no probe was found");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePort {
    target_port: PortRef,
}

#[test]
fn every_service_has_a_container_port() {
    for rendering in RENDERINGS.iter() {
        for service in rendering.objects("Service") {
            let name = format!("{}: {}", rendering.name, service.metadata.name);
            let selector: BTreeMap<String, String> = service.spec("selector");
            let ports: Vec<ServicePort> = service.spec("ports");
            let mut selected = 0;
            for object in &rendering.objects {
                let Some(containers) = object.pod_spec("containers") else {
                    continue;
                };
                let labels = &object.rest["spec"]["template"]["metadata"]["labels"];
                if object.metadata.namespace != service.metadata.namespace
                    || !selector.iter().all(|(key, value)| labels[key] == **value)
                {
                    continue;
                }
                selected += 1;
                for port in &ports {
                    assert!(
                        has_port(containers, &port.target_port),
                        "{name}: {} has no port {:?}",
                        object.metadata.name,
                        port.target_port
                    );
                }
            }
            assert!(selected > 0, "{name} selects nothing");
        }
    }
}

fn has_port(containers: &Value, wanted: &PortRef) -> bool {
    let containers = containers.as_array().into_iter().flatten();
    let ports = containers.flat_map(|it| it["ports"].as_array().into_iter().flatten());
    let mut ports = ports;
    ports.any(|port| match wanted {
        PortRef::Number(number) => port["containerPort"] == *number,
        PortRef::Name(name) => port["name"] == **name,
    })
}

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

//! Each program runs with the arguments, ports and probes of its manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use clap::Parser;
use greeter_proto::health::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use manifests::{ContainerSpec, RENDERINGS, Rendering, spec};
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
fn every_server_names_its_version_and_the_canary_has_a_color() {
    let mut canaries = 0;
    for workload in RENDERINGS.iter().flat_map(Rendering::workloads) {
        let (name, container) = (&workload.name, &workload.container);
        // A variable stands for its value here.
        let (label, has_place) = match container.program() {
            "hello-server" => {
                let config: hello_server::Config = parse(name, container);
                let has_place = config.page.node == "POD_NODE" && config.page.zone == "POD_ZONE";
                (config.label, has_place)
            }
            "greeter-server" => {
                let config: greeter_server::Config = parse(name, container);
                (config.label, true)
            }
            _ => continue,
        };
        assert_eq!(label.version(), Some("POD_VERSION"), "{name}");
        assert!(has_place, "{name}");
        let is_canary = name.ends_with("-v2");
        assert_eq!(label.color().is_some(), is_canary, "{name}");
        canaries += usize::from(is_canary);
    }
    assert!(canaries > 0);
}

#[test]
fn the_patch_of_the_readme_lets_the_page_show_identities_and_traces() {
    let k8s = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");
    let read = |name: &str| std::fs::read_to_string(format!("{k8s}/{name}")).unwrap();
    let test = read("tests/page/kustomization.yaml");
    let (_, patch) = test.split_once("patches:\n").unwrap();
    assert!(read("README.md").contains(&format!("```yaml\npatches:\n{patch}```")));
    let rendering = RENDERINGS.iter().find(|it| it.name == "tests/page");
    let hello = rendering.unwrap().workloads();
    let hello = hello
        .into_iter()
        .find(|it| it.name.contains("hello-server"));
    let hello = hello.unwrap();
    let config: hello_server::Config = parse(&hello.name, &hello.container);
    assert!(config.page.show_mesh_identity);
    let url = "http://localhost:16686/trace/{trace_id}";
    assert_eq!(config.page.trace_url, url);
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
        let listeners = Listeners::bind(any, any).unwrap();
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

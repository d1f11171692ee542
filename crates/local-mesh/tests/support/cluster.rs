//! The mesh in containers, with the manifests' own workloads.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
};

use clap::Parser;
use greeter_client::cli::Cli;
use local_mesh::{
    Addresses,
    envoy::{self, Settings},
};
use pki::{Authority, Leaf};
use service_kit::ServiceConfig;
use tempfile::TempDir;

use super::{
    containers::{Container, Network},
    manifests::{Rendering, Workload, render},
};

/// Where Envoy's program, which needs glibc, runs.
const ENVOY_BASE: &str = "debian:bookworm-slim";

/// The words by which a server, and Envoy, say that they serve. Envoy comes so
/// far only after the first health checks.
const LISTENING: &str = r#""message":"listening""#;
const ENVOY_READY: &str = "starting main dispatch loop";

/// The servers of an overlay behind an Envoy that stands for the Services and
/// the gateway: all that the client's Jobs and hello ask for by name.
pub(crate) struct Cluster {
    pub(crate) overlay: Rendering,
    pub(crate) hello: Container,
    pub(crate) greeters: Vec<Container>,
    pub(crate) gateway: Container,
    directory: TempDir,
    pub(crate) network: Network,
}

impl Cluster {
    pub(crate) async fn start(overlay: &str) -> Self {
        let overlay = render(overlay);
        let network = Network::create().await;
        let directory = TempDir::new().unwrap();
        let domain = public_name(&overlay.workload("Job", "smoke-gateway"));
        write_certificates(directory.path(), &domain);

        let (hello, hello_addresses) =
            server(&overlay.workload("Deployment", "hello-server"), 1, &network).await;
        let mut greeters = Vec::new();
        let mut greeter_addresses = Vec::new();
        for number in 1..=2 {
            let workload = overlay.workload("Deployment", "greeter-server");
            let (greeter, addresses) = server(&workload, number, &network).await;
            greeters.push(greeter);
            greeter_addresses.push(addresses);
        }
        let settings = Settings {
            address: Ipv4Addr::UNSPECIFIED.into(),
            http_port: 80,
            https_port: 443,
            greeters: &greeter_addresses,
            hello: &[hello_addresses],
        };
        fs::write(directory.path().join("envoy.yaml"), settings.render()).unwrap();
        let gateway = gateway(&network, directory.path()).await;
        gateway.start(ENVOY_READY).await;
        Self {
            overlay,
            hello,
            greeters,
            gateway,
            directory,
            network,
        }
    }

    /// Runs a Job, with these mounts.
    pub(crate) async fn job(&self, name: &str, mounts: &[(PathBuf, &str)]) -> Output {
        run(&self.overlay.workload("Job", name), &self.network, mounts).await
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

async fn run(workload: &Workload, network: &Network, mounts: &[(PathBuf, &str)]) -> Output {
    let mounts: Vec<_> = mounts
        .iter()
        .map(|(from, to)| format!("--volume={}:{to}:ro", from.display()))
        .collect();
    let mounts: Vec<_> = mounts.iter().map(String::as_str).collect();
    Container::of(workload, network, &mounts).await.run().await
}

/// Starts a server as its Deployment does; pods have their name as host name.
async fn server(workload: &Workload, number: u32, network: &Network) -> (Container, Addresses) {
    let program = workload.container.program().to_owned();
    let hostname = format!("--hostname={program}-{number}");
    let container = Container::of(workload, network, &[&hostname]).await;
    container.start(LISTENING).await;
    let args = [program.clone()]
        .into_iter()
        .chain(workload.container.args());
    let (listen, service): (SocketAddr, ServiceConfig) = if program == "hello-server" {
        let config = hello_server::Config::parse_from(args);
        (config.listen, config.service)
    } else {
        let config = greeter_server::Config::parse_from(args);
        (config.listen, config.service)
    };
    let address: IpAddr = container.address().await.parse().unwrap();
    let addresses = Addresses {
        public: (address, listen.port()).into(),
        admin: (address, service.admin.port()).into(),
    };
    (container, addresses)
}

/// The name by which a Job greets the gateway.
fn public_name(job: &Workload) -> String {
    let args = ["greeter-client".to_owned()].into_iter();
    let cli = Cli::parse_from(args.chain(job.container.args()));
    cli.greet.connect.server_name.unwrap()
}

fn write_certificates(directory: &Path, domain: &str) {
    let authority = Authority::new("A CA that nobody knows").unwrap();
    let issued = authority.issue(&Leaf::new([domain])).unwrap();
    let file = |name: &str| directory.join(name);
    issued.write(&file("cert.pem"), &file("key.pem")).unwrap();
    // What the Secret's volume holds in a cluster.
    fs::create_dir(file("tls")).unwrap();
    fs::set_permissions(file("tls"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(file("tls/ca.crt"), authority.pem()).unwrap();
    fs::write(file("empty"), "").unwrap();
}

/// Envoy itself: what the Python package puts into `bin` is a script around it.
fn envoy_program() -> PathBuf {
    let found = envoy::find().unwrap().canonicalize().unwrap();
    if fs::read(&found).unwrap().starts_with(b"\x7fELF") {
        return found;
    }
    let libraries = found.parent().unwrap().join("../lib");
    let mut versions = fs::read_dir(libraries).unwrap().flatten();
    versions
        .find_map(|python| {
            let program = python.path().join("site-packages/envoy/_bin/envoy");
            program.is_file().then_some(program)
        })
        .expect("no Envoy beside its script; install it anew with `make clean envoy`")
}

async fn gateway(network: &Network, directory: &Path) -> Container {
    let program = format!("--volume={}:/envoy:ro", envoy_program().display());
    let configuration = format!("--volume={}:/etc/envoy", directory.display());
    let network = format!("--network={}", network.name());
    let flags = [
        network.as_str(),
        "--network-alias=greeter.default.svc.cluster.local",
        "--network-alias=istio-ingressgateway.istio-ingress.svc.cluster.local",
        "--publish=127.0.0.1::80",
        &program,
        &configuration,
        "--workdir=/etc/envoy",
        "--entrypoint=/envoy",
    ];
    let args = ["--config-path", "envoy.yaml", "--disable-hot-restart"];
    Container::create(&flags, ENVOY_BASE, &args).await
}

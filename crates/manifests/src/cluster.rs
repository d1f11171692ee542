//! An overlay's workloads in containers.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Output,
};

use clap::Parser;
use greeter_client::cli::Cli;
use local_mesh::{
    Addresses,
    envoy::{Features, Settings},
};
use service_kit::ServiceConfig;
use tempfile::TempDir;

use crate::{
    container::Container,
    engine::Network,
    gateway,
    rendering::{Rendering, render},
    workload::Workload,
};

/// A server logs this once its ports are open.
const LISTENING: &str = r#""message":"listening""#;

/// The servers of an overlay behind an Envoy, which has the names of the Services
/// and of the gateway that the Jobs and hello-server call.
#[derive(Debug)]
pub struct Cluster {
    /// The overlay.
    pub overlay: Rendering,
    /// The hello-server.
    pub hello: Container,
    /// Two greeter-servers.
    pub greeters: Vec<Container>,
    /// Envoy.
    pub gateway: Container,
    directory: TempDir,
    /// The network of all these.
    pub network: Network,
}

impl Cluster {
    /// Starts the servers of an overlay, for example `overlays/kind`.
    ///
    /// # Panics
    /// If an image is missing, or a container does not start.
    pub async fn start(overlay: &str) -> Self {
        let overlay = render(overlay);
        let network = Network::create().await;
        let directory = TempDir::new().unwrap();
        let domain = server_name(&overlay.workload("Job", "smoke-gateway"));
        gateway::write_certificates(directory.path(), &domain);

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
            features: Features::default(),
        };
        settings.write(directory.path()).unwrap();
        let gateway = gateway::start(&network, directory.path()).await;
        Self {
            overlay,
            hello,
            greeters,
            gateway,
            directory,
            network,
        }
    }

    /// Runs a Job to its end, with these files mounted at these paths.
    pub async fn job(&self, name: &str, mounts: &[(PathBuf, &str)]) -> Output {
        let job = self.overlay.workload("Job", name);
        let mounts: Vec<_> = mounts
            .iter()
            .map(|(from, to)| format!("--volume={}:{to}:ro", from.display()))
            .collect();
        let mounts: Vec<_> = mounts.iter().map(String::as_str).collect();
        let container = Container::of(&job, &self.network, &mounts).await;
        container.run().await
    }

    /// A file of the gateway: `tls` (the folder with `ca.crt`), `tls/ca.crt`, or
    /// `empty`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// Starts replica `number` of a Deployment's server. Its hostname is the
/// program's name with the number, as pods have names of their own.
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

/// The `--server-name` of a Job.
fn server_name(job: &Workload) -> String {
    let args = ["greeter-client".to_owned()].into_iter();
    let cli = Cli::parse_from(args.chain(job.container.args()));
    cli.greet.connect.server_name.unwrap()
}

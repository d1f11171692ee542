//! The mesh: hello, two greeters and the gateway, as processes.

mod certificates;
mod ports;
mod rollout;
mod server;
mod targets;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::timeout;

use crate::{
    envoy::{self, AccessLogEntry, Envoy, Features, Settings},
    mesh_metrics::MeshMetrics,
    process::{Addresses, Log, Process},
};

use self::{certificates::Certificates, server::FREE_PORTS};
pub use self::{server::binary, targets::Target};

const GREETERS: usize = 2;
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections without a request stay open in a drain.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than a server's `--drain-timeout`, which is 25 s.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// The settings of a mesh.
#[derive(Clone, Debug)]
pub struct MeshConfig {
    /// The gateway's plaintext port; 0 for a free one.
    pub http_port: u16,
    /// The gateway's TLS port; 0 for a free one.
    pub https_port: u16,
    /// The directory for certificates and Envoy's configuration.
    pub directory: PathBuf,
    /// Further arguments of the greeters.
    pub greeter_args: Vec<String>,
    /// What only some gateways have.
    pub gateway: Features,
    /// Whether the last greeter is the canary: its metrics have the version v2.
    pub canary: bool,
    /// Takes the output of all processes, line by line.
    pub log: Log,
}

/// A running mesh. Its processes are killed on drop.
#[derive(Debug)]
pub struct Mesh {
    config: MeshConfig,
    gateway: Envoy,
    metrics: MeshMetrics,
    /// The greeter replicas.
    pub greeters: Vec<Process>,
    hello: Process,
    /// The servers with metrics.
    pub targets: Vec<Target>,
    /// The gateway's plaintext address.
    pub http: SocketAddr,
    /// The gateway's TLS address.
    pub https: SocketAddr,
    certificates: Certificates,
    /// The certificate of the CA that issued the gateway's certificate.
    pub ca: PathBuf,
    /// The public address of each greeter.
    pub greeter_addresses: Vec<SocketAddr>,
}

impl Mesh {
    /// Starts all processes, and waits until every server passes the gateway's
    /// health checks.
    ///
    /// # Errors
    /// If a port is taken, a program is missing, or a process ends or does not
    /// become healthy. Processes that were started are killed.
    pub async fn start(config: &MeshConfig) -> anyhow::Result<Self> {
        ports::check_free(config.http_port, "HTTP_PORT")?;
        ports::check_free(config.https_port, "HTTPS_PORT")?;
        let envoy = envoy::find()?;
        fs::create_dir_all(&config.directory)
            .with_context(|| format!("cannot create {}", config.directory.display()))?;
        let certificates = Certificates::create(&config.directory)?;
        timeout(
            START_TIMEOUT,
            Self::start_processes(config, &envoy, certificates),
        )
        .await
        .with_context(|| format!("the mesh is not healthy after {START_TIMEOUT:?}"))?
    }

    async fn start_processes(
        config: &MeshConfig,
        envoy: &Path,
        certificates: Certificates,
    ) -> anyhow::Result<Self> {
        let (directory, log) = (&config.directory, &config.log);
        let mut greeters = Vec::new();
        for number in 1..=GREETERS {
            greeters.push(server::start_greeter(number, FREE_PORTS, config)?);
        }
        // hello calls the greeters through the gateway's balancing listener.
        let greeter = ["--greeter", "unix:greeter.sock"].map(str::to_owned);
        let hello = server::start("hello-1", "hello-server", FREE_PORTS, &greeter, config)?;
        let mut addresses = Vec::new();
        for greeter in &greeters {
            addresses.push(greeter.listening().await?);
        }
        let hello_addresses = hello.listening().await?;
        let metrics = MeshMetrics::new();
        let targets = targets::targets(config, hello_addresses, &addresses, &metrics);
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            http_port: config.http_port,
            https_port: config.https_port,
            greeters: &addresses,
            hello: &[hello_addresses],
            features: config.gateway.clone(),
        };
        settings.write(directory)?;
        let recorder = metrics.clone();
        let on_request = Arc::new(move |entry: &AccessLogEntry| recorder.record(entry));
        let gateway = Envoy::start(envoy, directory, log, on_request).await?;
        let (http, https) = (
            gateway.listener("http").await?,
            gateway.listener("https").await?,
        );
        gateway.healthy("greeter", GREETERS).await?;
        gateway.healthy("hello", 1).await?;
        Ok(Self {
            config: config.clone(),
            gateway,
            metrics,
            greeters,
            hello,
            targets,
            http,
            https,
            ca: certificates.ca(),
            certificates,
            greeter_addresses: addresses
                .iter()
                .map(|Addresses { public, .. }| *public)
                .collect(),
        })
    }

    /// Waits until this many greeters pass the gateway's health checks.
    ///
    /// # Errors
    /// If the gateway ends.
    pub async fn healthy_greeters(&self, count: usize) -> anyhow::Result<()> {
        self.gateway.healthy("greeter", count).await
    }

    /// Waits until a process ends. Returns the message of [`Process::ended`].
    pub async fn any_ended(&self) -> String {
        let mut ends: FuturesUnordered<_> = self.processes().map(Process::ended).collect();
        ends.next().await.unwrap_or_default()
    }

    /// Drains and stops the gateway, then the servers.
    ///
    /// # Errors
    /// If a process had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        // Draining fails if the gateway has ended; stop the servers anyway.
        let _ = self
            .gateway
            .drain("downstream_rq_active", DRAIN_TIMEOUT)
            .await;
        self.gateway.process.stop(STOP_TIMEOUT).await?;
        let servers = self.processes().map(|process| process.stop(STOP_TIMEOUT));
        futures_util::future::try_join_all(servers).await?;
        Ok(())
    }

    fn processes(&self) -> impl Iterator<Item = &Process> {
        [&self.gateway.process, &self.hello]
            .into_iter()
            .chain(&self.greeters)
    }
}

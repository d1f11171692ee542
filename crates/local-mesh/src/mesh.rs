//! The mesh: hello, two greeters and the gateway, as processes.

mod certificates;
mod faults;
mod ports;
mod rollout;
mod server;
mod start;
mod targets;

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::timeout;

use crate::{
    envoy::{self, Collector, Envoy},
    mesh_metrics::MeshMetrics,
    process::{Log, Process},
};

use self::certificates::Certificates;
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
    /// Further arguments of hello.
    pub hello_args: Vec<String>,
    /// The share of the greetings, in percent, that the canary gets; without one, the
    /// greeters share them equally.
    pub canary_percent: Option<u32>,
    /// Takes the spans of Envoy and the servers; without one they record none.
    pub collector: Option<Collector>,
    /// For `make observe`: a third greeter has TLS of its own, and is called directly.
    /// The gateway has a circuit breaker.
    pub observed: bool,
    /// Takes the output of all processes, line by line.
    pub log: Log,
}

/// A running mesh. The last greeter is the canary, with the version v2. The
/// processes are killed on drop.
#[derive(Debug)]
pub struct Mesh {
    config: MeshConfig,
    gateway: Envoy,
    metrics: MeshMetrics,
    /// The greeter replicas.
    pub greeters: Vec<Process>,
    hello: Process,
    /// The greeter that is called directly.
    direct: Option<Process>,
    /// The address of the greeter with TLS of its own, in an observed mesh.
    pub direct_address: Option<SocketAddr>,
    /// The servers with metrics.
    pub targets: Vec<Target>,
    /// The gateway's plaintext address.
    pub http: SocketAddr,
    /// The gateway's TLS address.
    pub https: SocketAddr,
    certificates: Certificates,
    /// The certificate of the CA that issued the gateway's certificate.
    pub ca: PathBuf,
    /// The public address of hello.
    pub hello_address: SocketAddr,
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
        ports::check_free(config.http_port, "HTTP_PORT", config.observed)?;
        ports::check_free(config.https_port, "HTTPS_PORT", config.observed)?;
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
            .chain(&self.direct)
    }
}

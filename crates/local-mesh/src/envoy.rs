//! Envoy as a process: found, started, observed by its admin interface, drained.

mod admin;
mod gateway;
mod settings;
mod standalone;

use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::time::{Interval, MissedTickBehavior, interval};

use self::{admin::Admin, settings::CONFIG_FILE};
use crate::process::{Log, Process};

pub use self::{gateway::Gateway, settings::Settings, standalone::StandaloneEnvoy};

/// Where `make envoy` installs Envoy.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/envoy/bin/envoy");

const ADMIN_ADDRESS: &str = "envoy-admin.txt";

const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Finds Envoy on PATH, or where `make envoy` installs it.
///
/// # Errors
/// If it is in neither place.
pub fn find() -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("envoy"))
        .chain([PathBuf::from(INSTALLED)])
        .find(|candidate| candidate.is_file())
        .context("no envoy on PATH; `make envoy` installs it into this project")
}

/// A running Envoy.
#[derive(Debug)]
pub(crate) struct Envoy {
    pub(crate) process: Process,
    admin: Admin,
}

impl Envoy {
    /// Starts Envoy in `directory`, which holds `envoy.yaml` and the files that it
    /// names.
    pub(crate) async fn start(program: &Path, directory: &Path, log: &Log) -> anyhow::Result<Self> {
        let admin_address = directory.join(ADMIN_ADDRESS);
        // An earlier run may have left its address.
        let _ = fs::remove_file(&admin_address);
        let args = [
            "--config-path",
            CONFIG_FILE,
            "--admin-address-path",
            ADMIN_ADDRESS,
            "--disable-hot-restart",
            "--log-level",
            "warn",
            "--drain-time-s",
            "1",
            "--drain-strategy",
            "immediate",
        ]
        .map(str::to_owned);
        let process = Process::start("gateway", program, &args, directory, log)?;
        let admin = admin_address_of(&process, &admin_address).await?;
        Ok(Self {
            process,
            admin: Admin::new(admin),
        })
    }

    /// Waits until a TCP listener is bound. Returns its address.
    pub(crate) async fn listener(&self, name: &str) -> anyhow::Result<SocketAddr> {
        let prefix = format!("{name}::");
        let mut poll = poll();
        loop {
            poll.tick().await;
            let listeners = self.get("/listeners").await?;
            let address = listeners
                .lines()
                .find_map(|line| line.strip_prefix(&prefix)?.parse::<SocketAddr>().ok());
            if let Some(address) = address.filter(|address| address.port() != 0) {
                return Ok(address);
            }
        }
    }

    /// Waits until this many hosts of a cluster pass their health checks.
    pub(crate) async fn healthy(&self, cluster: &str, hosts: usize) -> anyhow::Result<()> {
        self.gauge(&format!("cluster.{cluster}.membership_healthy"), hosts)
            .await
    }

    /// Waits until a gauge has this value.
    pub(crate) async fn gauge(&self, stat: &str, value: usize) -> anyhow::Result<()> {
        let path = format!("/stats?filter=^{stat}$");
        let mut poll = poll();
        loop {
            poll.tick().await;
            if self.get(&path).await?.trim() == format!("{stat}: {value}") {
                return Ok(());
            }
        }
    }

    /// Sends each connection a GOAWAY, closes the listeners, and waits until a gauge
    /// of the gateway's connections is 0.
    ///
    /// # Errors
    /// If it is not 0 after `limit`.
    pub(crate) async fn drain(&self, gauge: &str, limit: Duration) -> anyhow::Result<()> {
        self.admin.post("/drain_listeners?graceful").await?;
        let gauge = format!("http.gateway.{gauge}");
        let idle = self.gauge(&gauge, 0);
        tokio::time::timeout(limit, idle)
            .await
            .with_context(|| format!("{gauge} is not 0 after a drain of {limit:?}"))?
    }

    async fn get(&self, path: &str) -> anyhow::Result<String> {
        tokio::select! {
            response = self.admin.get(path) => response,
            exit = self.process.ended() => bail!(exit),
        }
    }
}

/// Waits until Envoy has written the address of its admin interface.
async fn admin_address_of(process: &Process, file: &Path) -> anyhow::Result<String> {
    let mut poll = poll();
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            exit = process.ended() => bail!(exit),
        }
        if let Some(address) = fs::read_to_string(file).ok().filter(|it| !it.is_empty()) {
            return Ok(address);
        }
    }
}

fn poll() -> Interval {
    let mut poll = interval(POLL_INTERVAL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll
}

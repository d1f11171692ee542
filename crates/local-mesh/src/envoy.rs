//! Envoy as a process: found, started, observed by its admin interface, drained.

mod access_log;
mod features;
mod gateway;
mod settings;
mod standalone;

use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::process::Command;

use self::settings::CONFIG_FILE;
use crate::{
    http::{Client, poll},
    process::{Log, OnLine, Process},
};

pub use self::{
    access_log::AccessLogEntry,
    features::{Collector, Features},
    gateway::Gateway,
    settings::Settings,
    standalone::StandaloneEnvoy,
};

/// Where `make envoy` installs Envoy.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/envoy/bin/envoy");

const ADMIN_ADDRESS: &str = "envoy-admin.txt";

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

/// Takes each request of the access log.
pub(crate) type OnRequest = Arc<dyn Fn(&AccessLogEntry) + Send + Sync>;

/// A running Envoy.
#[derive(Debug)]
pub(crate) struct Envoy {
    pub(crate) process: Process,
    pub(crate) admin: Client,
}

impl Envoy {
    /// Starts Envoy in `directory`, which holds `envoy.yaml` and the files that it
    /// names. Each request in its access log is passed to `on_request`.
    pub(crate) async fn start(
        program: &Path,
        directory: &Path,
        log: &Log,
        on_request: OnRequest,
    ) -> anyhow::Result<Self> {
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
            // The default is 10 s.
            "--file-flush-interval-msec",
            "200",
        ];
        let mut command = Command::new(program);
        command.args(args).current_dir(directory);
        let process = Process::spawn("gateway", command, readable(log, on_request))?;
        let admin = admin_address_of(&process, &admin_address).await?;
        Ok(Self {
            process,
            admin: Client::new("Envoy's admin interface", admin),
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

/// Logs each request as a line for people, and the rest of the output as it is.
fn readable(log: &Log, on_request: OnRequest) -> OnLine {
    let log = log.clone();
    Arc::new(move |line| {
        let text = match AccessLogEntry::parse(line) {
            Some(entry) => {
                on_request(&entry);
                format!("[{}] {entry}", entry.proxy)
            }
            None => format!("[gateway] {line}"),
        };
        // Tests drop the receiver of the log.
        let _ = log.send(text);
    })
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

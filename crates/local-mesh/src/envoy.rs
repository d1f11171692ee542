//! Envoy: found, configured, started, asked how it is.

mod admin;

use std::{
    env, fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::time::{MissedTickBehavior, interval};

use self::admin::Admin;
use crate::process::{Addresses, Log, Process};

const TEMPLATE: &str = include_str!("envoy.yaml");
const CONFIG: &str = "envoy.yaml";
const ADMIN_ADDRESS: &str = "envoy-admin.txt";

/// Where `make` installs Envoy if none is on PATH.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/envoy/bin/envoy");

/// Finds Envoy: on PATH, or where `make` installs it.
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

/// What the gateway's configuration is filled in with.
#[derive(Debug)]
pub struct Settings<'a> {
    /// The address to listen on.
    pub address: IpAddr,
    /// The plaintext port; 0 lets the system choose.
    pub http_port: u16,
    /// The TLS port; 0 lets the system choose.
    pub https_port: u16,
    /// Where the greeters listen.
    pub greeters: &'a [Addresses],
    /// Where the hello servers listen.
    pub hello: &'a [Addresses],
}

impl Settings<'_> {
    /// Envoy's configuration, as YAML; it names `cert.pem`, `key.pem` and
    /// `greeter.sock` in the folder where Envoy is started.
    #[must_use]
    pub fn render(&self) -> String {
        let greeters = self.greeters.iter().map(|it| endpoint(it.public, ""));
        let hello = self.hello.iter().map(|it| {
            // Readiness is told on the admin listener only.
            let check = format!(
                ", health_check_config: {{ port_value: {} }}",
                it.admin.port()
            );
            endpoint(it.public, &check)
        });
        TEMPLATE
            .replace("${ADDRESS}", &self.address.to_string())
            .replace("${HTTP_PORT}", &self.http_port.to_string())
            .replace("${HTTPS_PORT}", &self.https_port.to_string())
            .replace(
                "${GREETER_ENDPOINTS}",
                &greeters.collect::<Vec<_>>().join(", "),
            )
            .replace("${HELLO_ENDPOINTS}", &hello.collect::<Vec<_>>().join(", "))
    }
}

fn endpoint(address: SocketAddr, more: &str) -> String {
    format!(
        "{{ endpoint: {{ address: {{ socket_address: {{ address: {}, port_value: {} }} }}{more} }} }}",
        address.ip(),
        address.port()
    )
}

/// A running Envoy.
#[derive(Debug)]
pub(crate) struct Envoy {
    pub(crate) process: Process,
    admin: Admin,
}

impl Envoy {
    /// Starts Envoy in `directory`, which has the files that `yaml` names.
    pub(crate) async fn start(
        program: &Path,
        yaml: &str,
        directory: &Path,
        log: &Log,
    ) -> anyhow::Result<Self> {
        let admin_address = directory.join(ADMIN_ADDRESS);
        // That of an earlier run would lead astray.
        let _ = fs::remove_file(&admin_address);
        fs::write(directory.join(CONFIG), yaml)?;
        let args = [
            "--config-path",
            CONFIG,
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
        let admin = until(&process, || {
            fs::read_to_string(&admin_address)
                .ok()
                .filter(|text| !text.is_empty())
        });
        let admin = admin.await?;
        Ok(Self {
            process,
            admin: Admin::new(admin),
        })
    }

    /// Waits until a TCP listener is bound, and gives its address.
    pub(crate) async fn listener(&self, name: &str) -> anyhow::Result<SocketAddr> {
        let prefix = format!("{name}::");
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
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
        let stat = format!("cluster.{cluster}.membership_healthy");
        let path = format!("/stats?filter=^{stat}$");
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
            if self.get(&path).await?.trim() == format!("{stat}: {hosts}") {
                return Ok(());
            }
        }
    }

    /// Stops listening, and waits a moment for the connections to end.
    pub(crate) async fn drain(&self) -> anyhow::Result<()> {
        self.admin.post("/drain_listeners?graceful").await?;
        let mut ticks = ticks();
        for _ in 0..40 {
            ticks.tick().await;
            let active = self
                .get("/stats?filter=^http.gateway.downstream_rq_active$")
                .await?;
            if active.trim().ends_with(": 0") {
                break;
            }
        }
        Ok(())
    }

    async fn get(&self, path: &str) -> anyhow::Result<String> {
        tokio::select! {
            response = self.admin.get(path) => response,
            failure = self.process.ended() => bail!(failure),
        }
    }
}

/// An Envoy with a configuration of the caller's, and nothing around it.
#[derive(Debug)]
pub struct LoneEnvoy {
    /// Where its listener named `gateway` listens.
    pub address: SocketAddr,
    _envoy: Envoy,
}

impl LoneEnvoy {
    /// Starts an Envoy with this configuration, in a directory that has the
    /// files that it names; the port of its listener `gateway` may be 0.
    ///
    /// # Errors
    /// If Envoy is missing, or ends; its last words are in the error.
    pub async fn start(yaml: &str, directory: &Path) -> anyhow::Result<Self> {
        let log = tokio::sync::mpsc::unbounded_channel().0;
        let envoy = Envoy::start(&find()?, yaml, directory, &log).await?;
        Ok(Self {
            address: envoy.listener("gateway").await?,
            _envoy: envoy,
        })
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_millis(50));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn until<T>(process: &Process, ready: impl Fn() -> Option<T>) -> anyhow::Result<T> {
    let mut ticks = ticks();
    loop {
        tokio::select! {
            _ = ticks.tick() => if let Some(value) = ready() { return Ok(value) },
            failure = process.ended() => bail!(failure),
        }
    }
}

//! A Prometheus that scrapes the mesh and evaluates the rules.

use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::{process::Command, sync::watch, time::timeout};

use super::rules;
use crate::{
    http::Client,
    mesh::Target,
    process::{Process, labelled},
};

const CONFIG: &str = "prometheus.yaml";
const RULES: &str = "rules.yaml";
const DATA: &str = "prometheus-data";

const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Prometheus logs this with the address.
const LISTENING: &str = "msg=\"Listening on\" address=";

/// The settings of a Prometheus.
#[derive(Clone, Copy, Debug)]
pub struct PrometheusConfig<'a> {
    /// The port; 0 for a free one.
    pub port: u16,
    /// The time between two scrapes, and two evaluations of the rules.
    pub interval: Duration,
    /// The servers.
    pub targets: &'a [Target],
    /// The address of the gateway's metrics.
    pub gateway: SocketAddr,
    /// The directory for its configuration and data.
    pub directory: &'a Path,
}

/// A running Prometheus. It is killed on drop.
#[derive(Debug)]
pub struct Prometheus {
    /// The address of its pages and its API.
    pub address: SocketAddr,
    process: Process,
}

impl Prometheus {
    /// Starts Prometheus without data, and waits until it is ready.
    ///
    /// # Errors
    /// If it is missing or ends.
    pub async fn start(config: PrometheusConfig<'_>) -> anyhow::Result<Self> {
        let data = config.directory.join(DATA);
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        rules::write(&config.directory.join(RULES))?;
        fs::write(config.directory.join(CONFIG), config.render().to_string())?;
        let mut command = Command::new(find()?);
        command.current_dir(config.directory).args([
            "--config.file",
            CONFIG,
            "--storage.tsdb.path",
            DATA,
            "--enable-feature",
            "exemplar-storage",
            "--web.listen-address",
            &format!("127.0.0.1:{}", config.port),
        ]);
        let (sender, mut address) = watch::channel(None);
        let log = labelled("prometheus", &tokio::sync::mpsc::unbounded_channel().0);
        let on_line = Arc::new(move |line: &str| {
            if let Some((_, address)) = line.split_once(LISTENING) {
                sender.send_replace(address.trim().parse::<SocketAddr>().ok());
            }
            log(line);
        });
        let process = Process::spawn("prometheus", command, on_line)?;
        let ready = async {
            let found = address.wait_for(Option::is_some).await;
            let address = found.ok().and_then(|it| *it).context("its output ended")?;
            Client::new("Prometheus", address.to_string())
                .until("/-/ready")
                .await;
            anyhow::Ok(address)
        };
        let address = tokio::select! {
            address = timeout(START_TIMEOUT, ready) => address.context("Prometheus is not ready")??,
            exit = process.ended() => bail!(exit),
        };
        Ok(Self { address, process })
    }

    /// Stops it.
    ///
    /// # Errors
    /// If it had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.stop(STOP_TIMEOUT).await
    }
}

impl PrometheusConfig<'_> {
    /// The configuration. JSON is YAML.
    fn render(&self) -> Value {
        let interval = format!("{}ms", self.interval.as_millis());
        let servers = self.targets.iter().map(|it| {
            json!({
                "targets": [it.admin.to_string()],
                "labels": { "app": it.app, "version": it.version, "pod": it.pod },
            })
        });
        let gateway = json!({
            "targets": [self.gateway.to_string()],
            "labels": { "app": "istio-ingressgateway", "pod": "gateway" },
        });
        json!({
            "global": { "scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval },
            "rule_files": [RULES],
            "scrape_configs": [
                { "job_name": "servers", "static_configs": servers.collect::<Vec<_>>() },
                { "job_name": "gateway", "static_configs": [gateway] },
            ],
        })
    }
}

/// Finds Prometheus on PATH.
fn find() -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("prometheus"))
        .find(|candidate| candidate.is_file())
        .context("no prometheus on PATH; install it: apt install prometheus")
}

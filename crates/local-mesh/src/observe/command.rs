//! The command: starts everything, prints the addresses, and causes faults until it is
//! stopped.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Parser;
use service_kit::signals::StopSignals;
use tokio::{net::TcpListener, sync::mpsc, time::sleep};

use super::{Fault, Prometheus, PrometheusConfig, Traffic, jaeger::Jaeger};
use crate::{
    Mesh, MeshConfig,
    envoy::Collector,
    mesh::binary,
    print::{ignore_broken_pipe, say, short},
    terminal::Foreground,
};

const SCRAPE_INTERVAL: Duration = Duration::from_secs(5);

/// Between two faults.
const CALM: Duration = Duration::from_secs(20);

/// Runs the demo's mesh with a canary, Prometheus with the rules of the manifests,
/// Jaeger if it is installed, traffic, and a fault now and then, until Ctrl-C.
#[derive(Debug, Parser)]
#[command(version)]
pub struct ObserveArgs {
    /// The gateway's plaintext port
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    http_port: u16,

    /// The gateway's TLS port
    #[arg(long, value_name = "PORT", default_value_t = 8443)]
    https_port: u16,

    /// The port of Prometheus
    #[arg(long, value_name = "PORT", default_value_t = 19090)]
    prometheus_port: u16,

    /// The port of Jaeger
    #[arg(long, value_name = "PORT", default_value_t = 16686)]
    jaeger_port: u16,

    /// The directory for certificates, configurations and data
    #[arg(long, value_name = "DIR", default_value = "target/observe")]
    directory: PathBuf,
}

/// Runs until the first signal, and stops everything. A second signal kills what is
/// left.
///
/// # Errors
/// If a process does not start, or ends by itself.
pub async fn run(args: ObserveArgs, mut signals: StopSignals) -> anyhow::Result<()> {
    let _foreground = Foreground::take();
    tokio::select! {
        running = Running::start(&args) => {
            let mut running = running?;
            let ended = tokio::select! {
                ended = running.present() => ended,
                _ = signals.next() => Ok(()),
            };
            tokio::select! {
                stopped = running.stop() => ignore_broken_pipe(ended).and(stopped),
                _ = signals.next() => Ok(()),
            }
        }
        _ = signals.next() => Ok(()),
    }
}

/// All processes. They are killed on drop.
struct Running {
    mesh: Mesh,
    metrics: Option<TcpListener>,
    prometheus: Prometheus,
    jaeger: Option<Jaeger>,
    traffic: Traffic,
    collector: Option<Collector>,
}

impl Running {
    async fn start(args: &ObserveArgs) -> anyhow::Result<Self> {
        fs::create_dir_all(&args.directory)
            .with_context(|| format!("cannot create {}", args.directory.display()))?;
        let mut collector = Collector::from_env()?;
        let mut jaeger = None;
        if collector.is_none() {
            jaeger = Jaeger::start(args.jaeger_port, &args.directory).await?;
            collector = jaeger.as_ref().map(|it| it.collector.clone());
        }
        let config = MeshConfig {
            http_port: args.http_port,
            https_port: args.https_port,
            directory: args.directory.clone(),
            // So that profiles and settings can be tried.
            greeter_args: vec!["--admin-debug".to_owned()],
            hello_args: Vec::new(),
            canary_percent: None,
            collector: collector.clone(),
            observed: true,
            log: mpsc::unbounded_channel().0,
        };
        let mesh = Mesh::start(&config).await?;
        let metrics = TcpListener::bind("127.0.0.1:0").await?;
        let prometheus = Prometheus::start(PrometheusConfig {
            port: args.prometheus_port,
            interval: SCRAPE_INTERVAL,
            targets: &mesh.targets,
            gateway: metrics.local_addr()?,
            directory: &args.directory,
        })
        .await?;
        Ok(Self {
            traffic: Traffic::start(&mesh)?,
            metrics: Some(metrics),
            mesh,
            prometheus,
            jaeger,
            collector,
        })
    }

    /// Prints the addresses, and causes one fault after the other.
    async fn present(&mut self) -> anyhow::Result<()> {
        let listener = self.metrics.take().context("the metrics are served")?;
        say(&self.addresses(&listener)?)?;
        let metrics = self.mesh.serve_metrics(listener);
        let faults = async {
            for fault in Fault::ALL.iter().cycle() {
                tokio::select! {
                    () = sleep(CALM) => {}
                    exit = self.mesh.any_ended() => anyhow::bail!(exit),
                }
                say(&format!("fault: {fault}"))?;
                fault.cause(&mut self.mesh).await?;
            }
            Ok(())
        };
        tokio::select! {
            ended = metrics => Ok(ended?),
            ended = faults => ended,
            () = self.traffic.get_from_hello() => Ok(()),
        }
    }

    fn addresses(&self, metrics: &TcpListener) -> anyhow::Result<String> {
        let (http, https) = (self.mesh.http.port(), self.mesh.https.port());
        let client = binary("greeter-client")?;
        let traces = match (&self.jaeger, &self.collector) {
            (Some(jaeger), _) => format!("http://localhost:{}", jaeger.port),
            (None, Some(collector)) => format!("exported to {collector}"),
            (None, None) => "off; run make jaeger, or set OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        };
        Ok(format!(
            "
gateway     http://localhost:{http} and https://localhost:{https}
Prometheus  http://localhost:{prometheus}
traces      {traces}
metrics     http://{gateway}/metrics of the gateway: Istio's are derived from Envoy's access log
{servers}
greet:      {client} --tls --cacert {ca} --addr localhost:{https} Alice

Ctrl-C stops everything.
",
            prometheus = self.prometheus.address.port(),
            gateway = metrics.local_addr()?,
            servers = self.servers(),
            client = short(&client),
            ca = short(&self.mesh.ca),
        ))
    }

    fn servers(&self) -> String {
        let lines = self.mesh.targets.iter().map(|it| {
            let (admin, pod, version) = (it.admin, &it.pod, it.version);
            format!("            http://{admin}/metrics of {pod}, {version}")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn stop(self) -> anyhow::Result<()> {
        say("\nstopping: the traffic, the mesh, Prometheus")?;
        self.traffic.stop().await?;
        self.mesh.stop().await?;
        self.prometheus.stop().await?;
        if let Some(jaeger) = self.jaeger {
            jaeger.stop().await?;
        }
        say("stopped; no process is left")
    }
}

//! Jaeger, which takes the spans and shows traces.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{net::TcpListener, process::Command, sync::mpsc, time::timeout};

use crate::{
    envoy::Collector,
    http::Client,
    process::{Process, labelled},
};

/// Where `make jaeger` installs it.
const INSTALLED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../.tools/jaeger/all-in-one"
);

const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A running Jaeger. It is killed on drop.
#[derive(Debug)]
pub(super) struct Jaeger {
    /// Takes spans.
    pub(super) collector: Collector,
    /// The port of its pages and its API.
    pub(super) port: u16,
    process: Process,
}

impl Jaeger {
    /// Starts Jaeger, if it is installed, and waits until it is ready. It keeps the
    /// traces in memory.
    pub(super) async fn start(port: u16, directory: &Path) -> anyhow::Result<Option<Self>> {
        let program = PathBuf::from(INSTALLED);
        if !program.is_file() {
            return Ok(None);
        }
        let [spans, health, unused @ ..] = free_ports::<6>().await?;
        let mut command = Command::new(program);
        // It cannot switch off its other listeners.
        let listeners = [
            ("query.http-server", port),
            ("collector.otlp.grpc", spans),
            ("admin.http", health),
            ("collector.otlp.http", unused[0]),
            ("collector.grpc-server", unused[1]),
            ("collector.http-server", unused[2]),
            ("query.grpc-server", unused[3]),
        ];
        for (name, port) in listeners {
            command.arg(format!("--{name}.host-port=127.0.0.1:{port}"));
        }
        command
            .arg("--memory.max-traces=10000")
            .current_dir(directory)
            .env("SPAN_STORAGE_TYPE", "memory");
        let log = labelled("jaeger", &mpsc::unbounded_channel().0);
        let process = Process::spawn("jaeger", command, log)?;
        let health = Client::new("Jaeger", format!("127.0.0.1:{health}"));
        tokio::select! {
            ready = timeout(START_TIMEOUT, health.until("/")) => ready.context("Jaeger is not ready")?,
            exit = process.ended() => bail!(exit),
        }
        Ok(Some(Self {
            collector: format!("http://127.0.0.1:{spans}").parse()?,
            port,
            process,
        }))
    }

    /// Stops it.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.process.stop(STOP_TIMEOUT).await
    }
}

/// Ports that nothing listens on. Jaeger does not report the port that it chose.
async fn free_ports<const N: usize>() -> anyhow::Result<[u16; N]> {
    let mut listeners = Vec::new();
    for _ in 0..N {
        listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

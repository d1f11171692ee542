//! The whole mesh: hello, two greeters and the gateway, as processes.

use std::{
    env, fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{sync::mpsc, time::timeout};

use pki::{Authority, Leaf};

use crate::{
    envoy::{self, Envoy, Settings},
    process::{Addresses, Log, Process},
};

const GREETERS: usize = 2;
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Longer than a server's own drain deadline, which is 25 s.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// What a mesh is made with.
#[derive(Debug)]
pub struct MeshConfig {
    /// The gateway's plaintext port; 0 lets the system choose.
    pub http_port: u16,
    /// The gateway's TLS port; 0 lets the system choose.
    pub https_port: u16,
    /// Where certificates and configuration are written.
    pub directory: PathBuf,
    /// Where the lines go that the programs write.
    pub log: mpsc::UnboundedSender<String>,
}

/// A running mesh; dropped, it kills what is left of it.
#[derive(Debug)]
pub struct Mesh {
    gateway: Envoy,
    /// The greeter replicas.
    pub greeters: Vec<Process>,
    hello: Process,
    /// The gateway's plaintext address.
    pub http: SocketAddr,
    /// The gateway's TLS address.
    pub https: SocketAddr,
    /// The CA that signed the gateway's certificate.
    pub ca: PathBuf,
    /// Where the greeters listen themselves.
    pub greeter_addresses: Vec<SocketAddr>,
}

impl Mesh {
    /// Starts everything, and waits until the gateway finds all of it healthy.
    ///
    /// # Errors
    /// If a port is taken, a program is missing, or one ends or does not get
    /// healthy; what was started by then is stopped.
    pub async fn start(config: &MeshConfig) -> anyhow::Result<Self> {
        check_free(config.http_port, "HTTP_PORT")?;
        check_free(config.https_port, "HTTPS_PORT")?;
        let gateway = envoy::find()?;
        fs::create_dir_all(&config.directory)
            .with_context(|| format!("cannot make {}", config.directory.display()))?;
        let ca = write_certificates(&config.directory)?;
        timeout(START_TIMEOUT, Self::start_programs(config, &gateway, ca))
            .await
            .context("the mesh did not get healthy in time")?
    }

    async fn start_programs(
        config: &MeshConfig,
        gateway: &Path,
        ca: PathBuf,
    ) -> anyhow::Result<Self> {
        let (directory, log) = (&config.directory, &config.log);
        let mut greeters = Vec::new();
        for number in 1..=GREETERS {
            greeters.push(server("greeter", number, &[], directory, log)?);
        }
        let hello = server(
            "hello",
            1,
            &["--greeter", "unix:greeter.sock"],
            directory,
            log,
        )?;
        let mut addresses = Vec::new();
        for greeter in &greeters {
            addresses.push(greeter.listening().await?);
        }
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            http_port: config.http_port,
            https_port: config.https_port,
            greeters: &addresses,
            hello: &[hello.listening().await?],
        };
        let gateway = Envoy::start(gateway, &settings.render(), directory, log).await?;
        let (http, https) = (
            gateway.listener("http").await?,
            gateway.listener("https").await?,
        );
        gateway.healthy("greeter", GREETERS).await?;
        gateway.healthy("hello", 1).await?;
        Ok(Self {
            gateway,
            greeters,
            hello,
            http,
            https,
            ca,
            greeter_addresses: addresses
                .iter()
                .map(|Addresses { public, .. }| *public)
                .collect(),
        })
    }

    /// Waits until the gateway finds this many greeters healthy.
    ///
    /// # Errors
    /// If the gateway ends.
    pub async fn healthy_greeters(&self, count: usize) -> anyhow::Result<()> {
        self.gateway.healthy("greeter", count).await
    }

    /// Waits until a program ends by itself, and says which and how.
    pub async fn failure(&self) -> String {
        let mut ends: FuturesUnordered<_> = self.programs().map(Process::ended).collect();
        ends.next().await.unwrap_or_default()
    }

    /// Stops the gateway, then the servers, each gracefully.
    ///
    /// # Errors
    /// If a program had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        // A gateway that is gone has nothing to drain.
        let _ = self.gateway.drain().await;
        self.gateway.process.stop(STOP_TIMEOUT).await?;
        let servers = self.programs().map(|program| program.stop(STOP_TIMEOUT));
        futures_util::future::try_join_all(servers).await?;
        Ok(())
    }

    fn programs(&self) -> impl Iterator<Item = &Process> {
        [&self.gateway.process, &self.hello]
            .into_iter()
            .chain(&self.greeters)
    }
}

/// Starts replica `number` of a server, on ports that the system chooses.
fn server(
    name: &str,
    number: usize,
    more: &[&str],
    directory: &Path,
    log: &Log,
) -> anyhow::Result<Process> {
    let hostname = format!("{name}-{number}");
    let any_port = "127.0.0.1:0";
    let mut args = vec![
        "--listen",
        any_port,
        "--admin",
        any_port,
        "--hostname",
        &hostname,
    ];
    // A few of the gateway's health checks.
    args.extend(["--drain-delay", "1s"]);
    args.extend(more);
    let args: Vec<_> = args.into_iter().map(str::to_owned).collect();
    Process::start(
        &hostname,
        &binary(&format!("{name}-server"))?,
        &args,
        directory,
        log,
    )
}

/// Another program of this workspace, which is built beside this one.
///
/// # Errors
/// If it has not been built.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let mut directory = env::current_exe()?;
    directory.pop();
    // Tests run from a folder below the programs.
    if directory.ends_with("deps") {
        directory.pop();
    }
    let program = directory.join(name);
    ensure!(
        program.is_file(),
        "{} is missing; build it with `cargo build --workspace`",
        program.display()
    );
    Ok(program)
}

/// Says so in our words if a port is taken, rather than in Envoy's.
fn check_free(port: u16, variable: &str) -> anyhow::Result<()> {
    let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else {
        return Ok(());
    };
    let what = match error.kind() {
        io::ErrorKind::AddrInUse => "is taken; stop what uses it, or".to_owned(),
        _ => format!("cannot be used ({error});"),
    };
    let other = 10_000 + port % 10_000;
    bail!("port {port} {what} choose another: make demo {variable}={other}")
}

fn write_certificates(directory: &Path) -> anyhow::Result<PathBuf> {
    let authority = Authority::new("local-mesh CA")?;
    let ca = directory.join("ca.pem");
    fs::write(&ca, authority.pem()).with_context(|| format!("cannot write {}", ca.display()))?;
    authority
        .issue(&Leaf::new(["localhost", "example.com", "127.0.0.1", "::1"]))?
        .write(&directory.join("cert.pem"), &directory.join("key.pem"))?;
    Ok(ca)
}

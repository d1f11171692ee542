//! `make demo`: starts the mesh, greets through it, and stays until stopped.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Parser;
use greeter_client::{
    Dialer, Exit, Target,
    call::{Kind, Options},
    greet::{self, Plan},
    report::{Format, Reporter},
    tls::Tls,
};
use tokio::sync::mpsc;

use crate::{Mesh, MeshConfig, mesh::binary, terminal::Foreground};

/// Runs hello, two greeters and an Envoy gateway with TLS on this machine,
/// greets through the gateway, and follows the logs until Ctrl-C.
#[derive(Debug, Parser)]
#[command(version)]
pub struct DemoArgs {
    /// The gateway's plaintext port
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    http_port: u16,

    /// The gateway's TLS port
    #[arg(long, value_name = "PORT", default_value_t = 8443)]
    https_port: u16,

    /// Where certificates and configuration are written
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    directory: PathBuf,
}

/// Runs the demo until `shutdown` ends.
///
/// # Errors
/// If the mesh cannot be started, the greeting fails, or a program ends by itself.
pub async fn run(args: DemoArgs, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let _foreground = Foreground::take();
    let (log, lines) = mpsc::unbounded_channel();
    let config = MeshConfig {
        http_port: args.http_port,
        https_port: args.https_port,
        directory: args.directory,
        log,
    };
    let mut shutdown = std::pin::pin!(shutdown);
    let mesh = tokio::select! {
        mesh = Mesh::start(&config) => mesh?,
        () = &mut shutdown => return Ok(()),
    };
    let ended = tokio::select! {
        result = present(&mesh, lines) => result,
        failure = mesh.failure() => Err(anyhow::Error::msg(failure)),
        () = &mut shutdown => Ok(()),
    };
    println!("\nstopping: the gateway drains, then the servers");
    mesh.stop().await?;
    if ended.is_ok() {
        println!("stopped; no process is left");
    }
    ended
}

/// Greets, tells what to try, and follows the logs.
async fn present(mesh: &Mesh, mut lines: mpsc::UnboundedReceiver<String>) -> anyhow::Result<()> {
    println!("hello, two greeters and the gateway are healthy\n");
    println!("greeting over TLS through the gateway, four times on one connection:");
    greet_through(mesh).await?;
    println!("\ntry, in another terminal:\n{}", commands(mesh)?);
    println!("Ctrl-C stops everything. The logs:");
    while let Some(line) = lines.recv().await {
        println!("{line}");
    }
    Ok(())
}

async fn greet_through(mesh: &Mesh) -> anyhow::Result<()> {
    let target = format!("https://localhost:{}", mesh.https.port());
    let plan = Plan {
        dialer: Dialer {
            origin: target.parse()?,
            target: target.parse::<Target>().map_err(anyhow::Error::msg)?,
            tls: Some(Tls::verified("localhost", Some(&mesh.ca))?),
            timeout: std::time::Duration::from_secs(5),
        },
        name: "Alice".to_owned(),
        options: Options {
            kind: Kind::Unary,
            headers: Vec::new(),
            timeout: Some(std::time::Duration::from_secs(5)),
            compression: None,
        },
        repeat: 4,
        interval: std::time::Duration::ZERO,
    };
    match greet::run(&plan, &mut Reporter::new(Format::Text, true)).await {
        Exit::Success => Ok(()),
        _ => bail!("the greeting through the gateway failed; the line above says why"),
    }
}

fn commands(mesh: &Mesh) -> anyhow::Result<String> {
    let (http, https) = (mesh.http.port(), mesh.https.port());
    let ca = short(&mesh.ca);
    let client = binary("greeter-client")?;
    let client = short(&client);
    Ok(format!(
        "  curl 'http://localhost:{http}/any/path?x=1'
  curl --cacert {ca} https://localhost:{https}/
  curl http://localhost:{http}/greet/Bob
  {client} --tls --cacert {ca} --addr localhost:{https} --repeat 4 Alice
  {client} --tls --addr localhost:{https}          # the CA is unknown: says so, exits 5
"
    ))
}

/// A path as one would type it here.
fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

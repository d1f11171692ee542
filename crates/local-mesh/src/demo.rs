//! `make demo`: starts the mesh, greets through it, and logs until it is stopped.

use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use clap::Parser;
use greeter_client::{
    greet::{self, GreetPlan},
    output::{Format, Reporter},
};
use service_kit::signals::StopSignals;
use tokio::sync::mpsc;
use transport::{
    Dialer, Exit,
    call::{Kind, Options},
    tls::Tls,
};

use crate::{
    Mesh, MeshConfig,
    envoy::Collector,
    mesh::binary,
    print::{ignore_broken_pipe, say, short},
    terminal::Foreground,
};

const TIMEOUT: Duration = Duration::from_secs(5);

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

    /// The directory for certificates and Envoy's configuration
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    directory: PathBuf,
}

/// Runs the demo until the first signal, and drains. A second signal ends it at once.
///
/// # Errors
/// If the mesh does not start, the greeting fails, a process ends by itself, or a
/// second signal cuts the drain.
pub async fn run(args: DemoArgs, mut signals: StopSignals) -> anyhow::Result<()> {
    let _foreground = Foreground::take();
    let (log, mut lines) = mpsc::unbounded_channel();
    let config = MeshConfig {
        http_port: args.http_port,
        https_port: args.https_port,
        directory: args.directory,
        greeter_args: Vec::new(),
        hello_args: Vec::new(),
        canary_percent: None,
        collector: Collector::from_env()?,
        observed: false,
        log,
    };
    let mesh = tokio::select! {
        mesh = Mesh::start(&config) => mesh?,
        _ = signals.next() => return Ok(()),
    };
    let ended = tokio::select! {
        result = present(&mesh, &mut lines) => result,
        exit = mesh.any_ended() => Err(anyhow::Error::msg(exit)),
        _ = signals.next() => Ok(()),
    };
    let stopped = async {
        say("\nstopping: the gateway drains, then the servers")?;
        tokio::select! {
            stopped = mesh.stop() => stopped?,
            // The future owns the mesh, which is killed on drop.
            _ = signals.next() => bail!("stopped without waiting for the drain"),
        }
        say("stopped; no process is left")
    };
    let stopped = stopped.await;
    // Report why the demo ended before an error of the drain.
    ignore_broken_pipe(ended).and(ignore_broken_pipe(stopped))
}

/// Greets, prints commands to try, and prints the logs.
async fn present(mesh: &Mesh, lines: &mut mpsc::UnboundedReceiver<String>) -> anyhow::Result<()> {
    say("hello, two greeters and the gateway are healthy\n")?;
    say("greeting over TLS through the gateway, four times on one connection:")?;
    greet_through(mesh).await?;
    let (http, https) = (mesh.http.port(), mesh.https.port());
    say("\nthe page, with a live view of both greeters:")?;
    say(&format!(
        "  https://localhost:{https}/  # the browser warns: the CA is the demo's own"
    ))?;
    say(&format!(
        "  http://localhost:{http}/  # HTTP/1.1 limits the rate of the live view"
    ))?;
    say(&format!("\ntry, in another terminal:\n{}", commands(mesh)?))?;
    say("Ctrl-C stops everything. The logs:")?;
    while let Some(line) = lines.recv().await {
        say(&line)?;
    }
    Ok(())
}

async fn greet_through(mesh: &Mesh) -> anyhow::Result<()> {
    let target = format!("localhost:{}", mesh.https.port());
    let target = target.parse().map_err(anyhow::Error::msg)?;
    let tls = Tls::verified("localhost", Some(&mesh.ca))?;
    let plan = GreetPlan {
        dialer: Dialer::new(target, Some(tls), TIMEOUT),
        name: "Alice".to_owned(),
        options: Options {
            kind: Kind::Unary,
            headers: Vec::new(),
            timeout: Some(TIMEOUT),
            compression: None,
        },
        repeat: 4,
        interval: Duration::ZERO,
        trace: None,
    };
    match greet::run(&plan, &mut Reporter::new(Format::Text, true)).await {
        Exit::SUCCESS => Ok(()),
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
  {client} --tls --addr localhost:{https}  # exits with 5: the CA is not trusted
"
    ))
}

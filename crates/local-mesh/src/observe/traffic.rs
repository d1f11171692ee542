//! Traffic of every kind that the dashboards show.

use std::time::Duration;

use tokio::{
    process::Command,
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use crate::{
    Mesh,
    http::Client,
    mesh::binary,
    process::{Process, labelled},
};

/// The paths of hello, in turn.
const PATHS: [&str; 12] = [
    "/",
    "/greet/Alice",
    "/stream/3",
    "/greet/Bob",
    "/any/path?x=1",
    "/greet/Carol",
    "/delay/0.05",
    "/greet/Dave",
    "/status/404",
    "/",
    "/greet/Eve",
    "/status/500",
];

const GET_INTERVAL: Duration = Duration::from_millis(50);

/// Streams stay open, and so count against the circuit breaker all the time.
const STREAMS: [&str; 6] = ["--rate", "5", "--stream", "bidi", "--concurrency", "2"];

const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// Clients that call the mesh until they are stopped. They are killed on drop.
#[derive(Debug)]
pub struct Traffic {
    loads: Vec<Process>,
    hello: Client,
}

impl Traffic {
    /// Starts `greeter-client load`: calls and streams through the gateway, and calls
    /// of the greeter with TLS of its own.
    ///
    /// # Errors
    /// If the client has not been built.
    pub fn start(mesh: &Mesh) -> anyhow::Result<Self> {
        let gateway = mesh.https.port();
        let mut loads = vec![
            load(mesh, gateway, &["--rate", "40", "--connections", "2"])?,
            load(mesh, gateway, &STREAMS)?,
        ];
        if let Some(direct) = mesh.direct_address {
            loads.push(load(mesh, direct.port(), &["--rate", "5"])?);
        }
        Ok(Self {
            loads,
            hello: Client::new("hello", mesh.http.to_string()),
        })
    }

    /// Sends GETs to hello until the future is dropped.
    pub async fn get_from_hello(&self) {
        let mut ticks = interval(GET_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for path in PATHS.iter().cycle() {
            ticks.tick().await;
            // Some statuses are errors on purpose, and faults cause others.
            let _ = self.hello.get(path).await;
        }
    }

    /// Stops the clients.
    ///
    /// # Errors
    /// If one had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let stops = self.loads.iter().map(|load| load.stop(STOP_TIMEOUT));
        futures_util::future::try_join_all(stops).await?;
        Ok(())
    }
}

fn load(mesh: &Mesh, port: u16, args: &[&str]) -> anyhow::Result<Process> {
    let mut client = client("load", port)?;
    client
        .arg("--cacert")
        .arg(&mesh.ca)
        .args(["--duration", "24h", "--timeout", "2s"])
        .args(args);
    let log = labelled("load", &mpsc::unbounded_channel().0);
    Process::spawn("load", client, log)
}

/// A command of `greeter-client` for a TLS port.
pub(super) fn client(command: &str, port: u16) -> anyhow::Result<Command> {
    let mut client = Command::new(binary("greeter-client")?);
    client
        .args([command, "--tls", "--addr", &format!("localhost:{port}")])
        .process_group(0)
        .kill_on_drop(true);
    Ok(client)
}

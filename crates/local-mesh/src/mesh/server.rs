//! The servers of this workspace, as processes.

use std::{
    env,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::ensure;
use tokio::process::Command;

use super::{GREETERS, MeshConfig};
use crate::process::{Addresses, Process, labelled};

const FREE_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The operating system chooses the ports.
pub(super) const FREE_PORTS: Addresses = Addresses {
    public: FREE_PORT,
    admin: FREE_PORT,
};

/// Longer than several health checks of the gateway, which come every 250 ms.
const DRAIN_DELAY: &str = "1s";

/// Starts greeter `number`, from 1.
pub(super) fn start_greeter(
    number: usize,
    listen: Addresses,
    config: &MeshConfig,
) -> anyhow::Result<Process> {
    let name = format!("greeter-{number}");
    let label = label(greeter_version(number));
    let more = [&label, &config.greeter_args[..]].concat();
    start(&name, "greeter-server", listen, &more, config)
}

/// The version of greeter `number`, from 1: the last one is the canary.
pub(super) fn greeter_version(number: usize) -> &'static str {
    if number == GREETERS { "v2" } else { "v1" }
}

/// The arguments that set a server's version.
pub(super) fn label(version: &str) -> [String; 1] {
    [format!("--version-label={version}")]
}

/// Starts a server with this name, which is its host name too.
pub(super) fn start(
    name: &str,
    program: &str,
    listen: Addresses,
    more: &[String],
    config: &MeshConfig,
) -> anyhow::Result<Process> {
    let args = [
        "--listen",
        &listen.public.to_string(),
        "--admin",
        &listen.admin.to_string(),
        "--hostname",
        name,
        "--drain-delay",
        DRAIN_DELAY,
        // For people: the demo shows the lines.
        "--log-format",
        "text",
    ];
    let args = [&args.map(str::to_owned), more].concat();
    let mut command = Command::new(binary(program)?);
    command.args(args).current_dir(&config.directory);
    if let Some(collector) = &config.collector {
        command.envs(collector.variables());
    }
    Process::spawn(name, command, labelled(name, &config.log))
}

/// The path of another program of this workspace, in the directory of this one.
///
/// # Errors
/// If it has not been built.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let mut directory = env::current_exe()?;
    directory.pop();
    // Cargo puts tests into a subdirectory.
    if directory.ends_with("deps") {
        directory.pop();
    }
    let program = directory.join(name);
    ensure!(
        program.is_file(),
        "{} is missing; build it with `cargo build --workspace --bins`",
        program.display()
    );
    Ok(program)
}

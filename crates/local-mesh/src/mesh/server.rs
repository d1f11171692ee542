//! The servers of this workspace, as processes.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::ensure;

use crate::process::{Log, Process};

/// The operating system chooses the port.
const FREE_PORT: &str = "127.0.0.1:0";

/// Longer than several health checks of the gateway, which come every 250 ms.
const DRAIN_DELAY: &str = "1s";

/// Starts replica `number` of a server on free ports.
pub(super) fn start(
    name: &str,
    number: usize,
    more: &[&str],
    directory: &Path,
    log: &Log,
) -> anyhow::Result<Process> {
    let hostname = format!("{name}-{number}");
    let args = [
        "--listen",
        FREE_PORT,
        "--admin",
        FREE_PORT,
        "--hostname",
        &hostname,
        "--drain-delay",
        DRAIN_DELAY,
    ];
    let args: Vec<_> = args.iter().chain(more).map(|&arg| arg.to_owned()).collect();
    let program = binary(&format!("{name}-server"))?;
    Process::start(&hostname, &program, &args, directory, log)
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

//! The signals that ask a process to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Listens for SIGTERM and SIGINT from now on; the future ends at the first.
/// A second one ends the process at once, for whoever does not want to wait
/// for the drain.
///
/// # Errors
/// If the handlers cannot be installed.
pub fn shutdown() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut next = async move || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    Ok(async move {
        let signal = next().await;
        tracing::info!(signal, "stopping");
        tokio::spawn(async move {
            let signal = next().await;
            tracing::warn!(signal, "stopping without waiting");
            std::process::exit(1);
        });
    })
}

//! The signals that stop a process.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGHUP, caught from its creation on.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl StopSignals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// If a handler cannot be installed.
    pub fn catch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal; returns its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}

/// A future that completes at the first signal. A second signal ends the process
/// at once, without the drain.
///
/// # Errors
/// If a handler cannot be installed.
pub fn shutdown() -> io::Result<impl Future<Output = ()> + Send> {
    let mut signals = StopSignals::catch()?;
    Ok(async move {
        let signal = signals.next().await;
        tracing::info!(signal, "stopping");
        tokio::spawn(async move {
            let signal = signals.next().await;
            tracing::warn!(signal, "stopping without draining");
            telemetry::log::flush();
            std::process::exit(1);
        });
    })
}

//! The signals that ask a process to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGHUP, caught from the moment this is made.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl StopSignals {
    /// Catches the signals from now on.
    ///
    /// # Errors
    /// If the handlers cannot be installed.
    pub fn catch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one, and gives its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}

/// A future that ends at the first signal to stop. A second one ends the
/// process at once, for whoever does not want to wait for the drain.
///
/// # Errors
/// If the handlers cannot be installed.
pub fn shutdown() -> io::Result<impl Future<Output = ()> + Send> {
    let mut signals = StopSignals::catch()?;
    Ok(async move {
        let signal = signals.next().await;
        tracing::info!(signal, "stopping");
        tokio::spawn(async move {
            let signal = signals.next().await;
            tracing::warn!(signal, "stopping without waiting");
            std::process::exit(1);
        });
    })
}

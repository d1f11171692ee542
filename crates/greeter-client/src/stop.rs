//! The signals that stop the client.

use tokio::signal::unix::{SignalKind, signal};
use transport::Exit;

use crate::exit::{INTERRUPTED, TERMINATED};

/// Waits for SIGINT or SIGTERM, and gives its exit code.
pub(crate) async fn stopped() -> Exit {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    match signals {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => INTERRUPTED,
            _ = terminate.recv() => TERMINATED,
        },
        // Without handlers the signals end the process, as is their default.
        _ => std::future::pending().await,
    }
}

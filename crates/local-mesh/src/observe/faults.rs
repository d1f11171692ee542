//! Faults that the dashboards and alerts show.

use std::{fmt, process::Stdio};

use super::traffic::client;
use crate::Mesh;

/// More than the gateway and the greeter with TLS of its own allow in flight.
const BURST: [&str; 6] = [
    "--concurrency",
    "200",
    "--connections",
    "8",
    "--duration",
    "2s",
];

/// A fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The canary is killed, and starts again: failed calls, retries, a restart.
    Crash,
    /// More calls than the gateway's circuit breaker allows.
    CircuitBreaker,
    /// More calls than a greeter allows: it refuses some.
    TooManyRequests,
    /// Clients that do not trust the certificate: their TLS handshakes fail.
    UntrustedCertificate,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Crash,
        Self::CircuitBreaker,
        Self::TooManyRequests,
        Self::UntrustedCertificate,
    ];

    /// Causes the fault, and returns when it is over.
    ///
    /// # Errors
    /// If the canary does not start again, or the client has not been built.
    pub async fn cause(self, mesh: &mut Mesh) -> anyhow::Result<()> {
        let gateway = mesh.https.port();
        // Without TLS of its own, a greeter has no handshakes.
        let direct = mesh.direct_address.map_or(gateway, |it| it.port());
        let burst = |port| {
            let mut client = client("load", port)?;
            client.arg("--cacert").arg(&mesh.ca).args(BURST);
            anyhow::Ok(client)
        };
        let mut client = match self {
            Self::Crash => {
                let canary = mesh.greeters.len() - 1;
                return mesh.crash_greeter(canary).await;
            }
            Self::CircuitBreaker => burst(gateway)?,
            Self::TooManyRequests => burst(direct)?,
            // Without --cacert it trusts the system's roots only.
            Self::UntrustedCertificate => client("health", direct)?,
        };
        // The client reports the fault as an error.
        client
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await?;
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Crash => "the canary is killed, and starts again",
            Self::CircuitBreaker => "more calls than the gateway's circuit breaker allows",
            Self::TooManyRequests => "more calls than a greeter allows",
            Self::UntrustedCertificate => "a client that does not trust the certificate",
        })
    }
}

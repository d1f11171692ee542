//! The two sockets of a server, bound before it starts.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;

/// A server's public and admin sockets.
#[derive(Debug)]
pub struct Listeners {
    /// For requests.
    pub public: TcpListener,
    /// For the probes of the cluster: /livez, /readyz, /version.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds both sockets; for port 0 the system chooses a free port.
    ///
    /// # Errors
    /// If an address is in use, or does not belong to this machine.
    pub async fn bind(public: SocketAddr, admin: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            public: bind(public, "--listen").await?,
            admin: bind(admin, "--admin").await?,
        })
    }
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address with {flag}"))
}

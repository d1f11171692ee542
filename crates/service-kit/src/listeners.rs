//! The two sockets of a server, bound before it runs.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;

/// A server's public and admin sockets.
#[derive(Debug)]
pub struct Listeners {
    /// Where requests come in.
    pub public: TcpListener,
    /// Where the cluster asks how the server is.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds both sockets; port 0 lets the system choose.
    ///
    /// # Errors
    /// If an address is taken or is not this machine's.
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

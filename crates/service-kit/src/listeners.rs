//! The two sockets of a server, bound before it starts.

use std::{io, net::SocketAddr};

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel holds until they are accepted. With fewer, clients that
/// connect at once would wait a second, and send their SYN again.
const BACKLOG: u32 = 4096;

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
    pub fn bind(public: SocketAddr, admin: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            public: bind(public, "--listen")?,
            admin: bind(admin, "--admin")?,
        })
    }
}

fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    listen(address)
        .with_context(|| format!("cannot listen on {address}; choose another address with {flag}"))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that is started again takes the port of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

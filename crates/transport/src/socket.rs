//! Sockets: TCP over IPv4 or IPv6, Unix, or a tunnel through a proxy.

use std::{fmt, io, net::SocketAddr, path::PathBuf};

use tokio::net::{TcpStream, UnixStream};

pub(crate) use crate::stream::BoxedIo;
use crate::{keepalive, tunnel::Tunnel};

/// The address of one socket.
#[derive(Clone, Debug)]
pub enum Address {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A tunnel through the proxy at this IP address and port.
    Tunnel(SocketAddr, Tunnel),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) | Self::Tunnel(address, _) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    pub(crate) async fn open(&self) -> io::Result<BoxedIo> {
        match self {
            Self::Tcp(address) => tcp(address).await,
            Self::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Self::Tunnel(proxy, tunnel) => {
                let stream = tcp(proxy).await?;
                tunnel.open(stream).await.map_err(io::Error::other)
            }
        }
    }
}

async fn tcp(address: &SocketAddr) -> io::Result<BoxedIo> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // Without TCP keepalive a connection still works.
    let _ = keepalive::set_tcp(&stream);
    Ok(Box::new(stream))
}

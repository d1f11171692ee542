//! Sockets: TCP over either family, or Unix.

use std::{fmt, io, net::SocketAddr, path::PathBuf, time::Instant};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{DialError, left};

/// What a connection's bytes go over.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// Any such thing.
pub(crate) type BoxedIo = Box<dyn Io>;

/// One place to connect to.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    pub(super) async fn open(&self) -> io::Result<BoxedIo> {
        Ok(match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    }
}

/// Connects to the first address that answers. Each gets an even share of the
/// time that is left, so that one dead family does not use it up.
pub(super) async fn connect(
    addresses: &[Address],
    deadline: Instant,
) -> Result<(Address, BoxedIo), DialError> {
    let mut failures = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        let share = left(deadline) / u32::try_from(addresses.len() - index).unwrap_or(1);
        match timeout(share, address.open()).await {
            Ok(Ok(stream)) => return Ok((address.clone(), stream)),
            Ok(Err(error)) => failures.push((address.to_string(), error)),
            Err(_) => failures.push((address.to_string(), io::ErrorKind::TimedOut.into())),
        }
    }
    Err(DialError::from_connect_failures(failures))
}

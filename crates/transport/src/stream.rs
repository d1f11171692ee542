//! Streams of bytes of any kind.

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes to a peer.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// A stream of bytes of any kind.
pub(crate) type BoxedIo = Box<dyn Io>;

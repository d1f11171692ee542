//! The least that a greeting over HTTP/2 costs in Rust: the `h2` crate on one
//! current-thread runtime per core, and nothing else. It has no limits, no timeouts, no
//! routes and no telemetry, so no server for real users can be as cheap.

mod greeting;
#[cfg(feature = "tls")]
mod tls;

use std::{env, net::TcpListener, thread};

use anyhow::{Context, bail};
use tokio::{
    net::{TcpSocket, TcpStream},
    runtime::Builder,
    sync::mpsc,
};

const BACKLOG: u32 = 4096;

/// How a connection is served: as it is, or over TLS.
#[derive(Clone)]
enum Transport {
    Plaintext,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

impl Transport {
    fn new(files: &[String]) -> anyhow::Result<Self> {
        match files {
            [] => Ok(Self::Plaintext),
            #[cfg(feature = "tls")]
            [cert, key] => Ok(Self::Tls(tls::acceptor(cert, key)?)),
            _ => bail!("usage: h2-limit PORT [CERT KEY]"),
        }
    }

    /// Serves a connection; the peer notices the error, if there is one.
    async fn serve(self, stream: TcpStream) -> anyhow::Result<()> {
        match self {
            Self::Plaintext => greeting::serve(stream).await,
            #[cfg(feature = "tls")]
            Self::Tls(acceptor) => greeting::serve(acceptor.accept(stream).await?).await,
        }
    }
}

/// Serves the connections that arrive at `accepted`, on this thread.
fn work(
    mut accepted: mpsc::UnboundedReceiver<std::net::TcpStream>,
    transport: &Transport,
) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        while let Some(stream) = accepted.recv().await {
            let stream = TcpStream::from_std(stream)?;
            tokio::spawn(transport.clone().serve(stream));
        }
        Ok(())
    })
}

/// Listens with a backlog for all connections of a test; the standard library's is 128.
fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let _context = runtime.enter();
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(BACKLOG)?.into_std()?;
    listener.set_nonblocking(false)?;
    Ok(listener)
}

fn main() -> anyhow::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    let port = args.first().context("usage: h2-limit PORT [CERT KEY]")?;
    let listener = listen(port.parse()?)?;
    let transport = Transport::new(&args[1..])?;
    let mut workers = Vec::new();
    for _ in 0..thread::available_parallelism()?.get() {
        let (sender, receiver) = mpsc::unbounded_channel();
        let transport = transport.clone();
        thread::spawn(move || work(receiver, &transport).expect("a worker failed"));
        workers.push(sender);
    }
    for worker in workers.iter().cycle() {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        worker.send(stream)?;
    }
    Ok(())
}

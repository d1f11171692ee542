//! Hostile clients, for tests of what a server withstands.
//!
//! An [`Attack`] is what each of its connections does. An [`Attacker`] runs it: a
//! connection that the server closes is opened again, at a bounded rate.

mod attacker;
pub mod http1;
pub mod http2;
pub mod messages;
mod script;
pub mod tls;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::{net::TcpStream, sync::Semaphore};

pub use self::{attacker::Attacker, script::Script};

/// What an attack does, until it is stopped.
#[derive(Clone)]
pub struct Attack {
    /// How many connections are open at once.
    connections: u32,
    /// What each connection does. It completes when the connection has ended.
    connection: Arc<Connection>,
}

type Connection =
    dyn Fn(TcpStream, Established) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync;

/// Tells the attacker that a connection has begun the attack.
#[derive(Clone, Debug)]
pub struct Established(Arc<Semaphore>);

impl Established {
    pub(crate) fn set(&self) {
        self.0.add_permits(1);
    }
}

impl Attack {
    /// An attack over this many connections at once.
    pub fn new<F>(
        connections: u32,
        connection: impl Fn(TcpStream, Established) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self {
            connections,
            connection: Arc::new(move |stream, established| {
                Box::pin(connection(stream, established))
            }),
        }
    }
}

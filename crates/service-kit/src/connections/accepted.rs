//! A connection between its acceptance and its end.

use std::{
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::debug;

use super::{Connections, assigned::Assigned, registry::Registered, routes::SharedRoutes};

/// A connection with what it holds until it ends. The socket belongs to no runtime yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) registered: Registered,
    /// `None` if it is served where it was accepted.
    pub(crate) assigned: Option<Assigned>,
    pub(crate) held: (OwnedSemaphorePermit, TaskTrackerToken),
}

impl Accepted {
    /// Spawns the task of the connection on the runtime of this thread.
    pub(crate) fn serve(self, connections: &Arc<Connections>, routes: &SharedRoutes) {
        let (connections, routes) = (Arc::clone(connections), Arc::clone(routes));
        tokio::spawn(async move {
            let Self {
                stream,
                peer,
                registered,
                assigned,
                held,
            } = self;
            let stream = match tokio::net::TcpStream::from_std(stream) {
                Ok(stream) => stream,
                Err(error) => return debug!(%error, "cannot poll a socket"),
            };
            let server = &connections.server;
            server.serve(routes, stream, peer, &registered.state).await;
            drop((registered, assigned, held));
        });
    }
}

//! A service that runs inside the test's process.

use std::{net::SocketAddr, pin::Pin};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::any_port;

/// Completes when the service is to stop.
pub type Shutdown = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A running service; it stops when this is dropped.
#[derive(Debug)]
pub struct Service {
    /// The address of the public listener.
    pub public: SocketAddr,
    /// The address of the admin listener.
    pub admin: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Service {
    /// Binds two ports that the system chooses, and spawns
    /// `run(public, admin, shutdown)`.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start<F>(run: impl FnOnce(TcpListener, TcpListener, Shutdown) -> F) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let public = TcpListener::bind(any_port()).await.unwrap();
        let admin = TcpListener::bind(any_port()).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        Self {
            public: public.local_addr().unwrap(),
            admin: admin.local_addr().unwrap(),
            stop,
            served: tokio::spawn(run(public, admin, Box::pin(async { drop(stopped.await) }))),
        }
    }

    /// The public listener as `localhost:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("localhost:{}", self.public.port())
    }

    /// The URL of a request target on the public listener, in plaintext.
    #[must_use]
    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.public)
    }

    /// The URL of a request target on the admin listener.
    #[must_use]
    pub fn admin_url(&self, target: &str) -> String {
        format!("http://{}{target}", self.admin)
    }

    /// Stops the service; the handle completes with its result.
    #[must_use]
    pub fn stop(self) -> JoinHandle<anyhow::Result<()>> {
        // A failed send means that the service has ended by itself.
        let _ = self.stop.send(());
        self.served
    }

    /// Lets the service run until the test ends; returns its
    /// [`address`](Self::address).
    #[must_use]
    pub fn keep(self) -> String {
        let address = self.address();
        std::mem::forget(self.stop);
        address
    }
}

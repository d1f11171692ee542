//! A server of any routes on ports of the system's choice.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod http2;

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use clap::Parser;
use service_kit::{Lifecycle, Listeners, ServiceConfig, Version};
use tokio::{sync::oneshot, task::JoinHandle};

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    service: ServiceConfig,
}

/// The settings for these flags.
pub(crate) fn config<'a>(flags: impl IntoIterator<Item = &'a str>) -> ServiceConfig {
    Flags::parse_from(["server"].into_iter().chain(flags)).service
}

/// Port 0 of this machine.
pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The future's output, if it comes in time.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it takes too long")
}

/// A running server.
pub(crate) struct Server {
    pub(crate) public: SocketAddr,
    pub(crate) admin: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    /// Starts serving `routes` with these flags.
    pub(crate) async fn start<'a>(
        routes: Router,
        flags: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let listeners = Listeners::bind(any_port(), any_port()).await.unwrap();
        let (public, admin) = (
            listeners.public.local_addr().unwrap(),
            listeners.admin.local_addr().unwrap(),
        );
        let version = Version {
            name: "server",
            version: "1.2.3",
        };
        let (stop, stopped) = oneshot::channel();
        let config = config(flags);
        let served = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            let lifecycle = Lifecycle::default();
            service_kit::serve(listeners, routes, version, lifecycle, config, shutdown).await
        });
        Self {
            public,
            admin,
            stop,
            served,
        }
    }

    /// Asks the server to stop; what comes back is its end.
    pub(crate) fn stop(self) -> JoinHandle<anyhow::Result<()>> {
        self.stop.send(()).unwrap();
        self.served
    }
}

/// A client that speaks only HTTP/1.1.
pub(crate) fn http1() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().http1_only();
    client.build().unwrap()
}

/// A client that speaks only HTTP/2, without asking first.
pub(crate) fn h2c() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    client.http2_prior_knowledge().build().unwrap()
}

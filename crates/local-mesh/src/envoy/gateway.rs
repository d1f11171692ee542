//! A gateway of its own, as a rollout replaces it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::sync::mpsc;

use super::{Envoy, Features, Settings, find};
use crate::process::Addresses;

/// The limit of a drain: longer than any call, and than the time after which Envoy
/// ends a connection that it has sent a GOAWAY.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A gateway with the demo's configuration. It is killed on drop.
#[derive(Debug)]
pub struct Gateway {
    envoy: Envoy,
    /// Its TLS address.
    pub https: SocketAddr,
}

impl Gateway {
    /// Starts a gateway on free ports in `directory`, which holds `cert.pem` and
    /// `key.pem`, and waits until every greeter passes its health checks.
    ///
    /// # Errors
    /// If Envoy is missing, or ends. The error has the last line of its output.
    pub async fn start(directory: &Path, greeters: &[SocketAddr]) -> anyhow::Result<Self> {
        let addresses = greeters.iter().map(|it| Addresses {
            public: *it,
            admin: *it,
        });
        let addresses: Vec<_> = addresses.collect();
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            http_port: 0,
            https_port: 0,
            greeters: &addresses,
            hello: &[],
            features: Features::default(),
        };
        settings.write(directory)?;
        let log = mpsc::unbounded_channel().0;
        let envoy = Envoy::start(&find()?, directory, &log, Arc::new(|_| {})).await?;
        let https = envoy.listener("https").await?;
        envoy.healthy("greeter", greeters.len()).await?;
        Ok(Self { envoy, https })
    }

    /// Stops it as Istio stops a gateway: connections get a GOAWAY, and the process
    /// ends when they are closed.
    ///
    /// # Errors
    /// If a connection stays open, or the process had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.envoy
            .drain("downstream_cx_active", DRAIN_TIMEOUT)
            .await?;
        self.envoy.process.stop(STOP_TIMEOUT).await
    }
}

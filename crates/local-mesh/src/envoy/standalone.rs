//! An Envoy without a mesh.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use tokio::sync::mpsc;

use super::{Envoy, find, settings::CONFIG_FILE};

/// An Envoy with a configuration of the caller. It is killed on drop.
#[derive(Debug)]
pub struct StandaloneEnvoy {
    /// The address of its listener `gateway`.
    pub address: SocketAddr,
    envoy: Envoy,
}

impl StandaloneEnvoy {
    /// Starts Envoy in `directory`, which holds the files that the configuration
    /// names. The port of the listener `gateway` may be 0.
    ///
    /// # Errors
    /// If Envoy is missing, or ends. The error has the last line of its output.
    pub async fn start(yaml: &str, directory: &Path) -> anyhow::Result<Self> {
        let log = mpsc::unbounded_channel().0;
        fs::write(directory.join(CONFIG_FILE), yaml)?;
        let envoy = Envoy::start(&find()?, directory, &log, Arc::new(|_| {})).await?;
        Ok(Self {
            address: envoy.listener("gateway").await?,
            envoy,
        })
    }

    /// Waits until a cluster has this many endpoints.
    ///
    /// # Errors
    /// If Envoy ends.
    pub async fn has_endpoints(&self, cluster: &str, count: usize) -> anyhow::Result<()> {
        self.envoy
            .gauge(&format!("cluster.{cluster}.membership_total"), count)
            .await
    }
}

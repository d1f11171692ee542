//! An Envoy without a mesh.

use std::{net::SocketAddr, path::Path};

use tokio::sync::mpsc;

use super::{Envoy, find};

/// An Envoy with a configuration of the caller. It is killed on drop.
#[derive(Debug)]
pub struct StandaloneEnvoy {
    /// The address of its listener `gateway`.
    pub address: SocketAddr,
    _envoy: Envoy,
}

impl StandaloneEnvoy {
    /// Starts Envoy in `directory`, which holds the files that the configuration
    /// names. The port of the listener `gateway` may be 0.
    ///
    /// # Errors
    /// If Envoy is missing, or ends. The error has the last line of its output.
    pub async fn start(yaml: &str, directory: &Path) -> anyhow::Result<Self> {
        let log = mpsc::unbounded_channel().0;
        let envoy = Envoy::start(&find()?, yaml, directory, &log).await?;
        Ok(Self {
            address: envoy.listener("gateway").await?,
            _envoy: envoy,
        })
    }
}

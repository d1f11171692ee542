//! What a cluster does to a running mesh: replicas are replaced, and certificates are
//! renewed.

use anyhow::Context;
use tokio::time::timeout;

use super::{Mesh, STOP_TIMEOUT, server};

impl Mesh {
    /// Replaces one greeter after the other: the next one is stopped when all are
    /// healthy again.
    ///
    /// # Errors
    /// If a greeter does not stop or does not start, or the gateway ends.
    pub async fn restart_greeters(&mut self) -> anyhow::Result<()> {
        for index in 0..self.greeters.len() {
            self.restart_greeter(index).await?;
        }
        Ok(())
    }

    /// Kills a greeter, and starts it again once the gateway finds it unhealthy. Its
    /// calls fail.
    ///
    /// # Errors
    /// If it does not start, or the gateway ends.
    pub async fn crash_greeter(&mut self, index: usize) -> anyhow::Result<()> {
        let all = self.greeters.len();
        let addresses = self.greeters[index].listening().await?;
        self.greeters[index].kill();
        self.greeters[index].ended().await;
        self.healthy_greeters(all - 1).await?;
        self.greeters[index] = server::start_greeter(index + 1, addresses, &self.config)?;
        self.greeters[index].listening().await?;
        self.healthy_greeters(all).await
    }

    /// Restarts a greeter on its addresses, which the gateway's configuration names.
    async fn restart_greeter(&mut self, index: usize) -> anyhow::Result<()> {
        let all = self.greeters.len();
        let greeter = &self.greeters[index];
        let addresses = greeter.listening().await?;
        greeter.terminate();
        self.healthy_greeters(all - 1).await?;
        timeout(STOP_TIMEOUT, greeter.ended())
            .await
            .with_context(|| format!("greeter {} does not stop", index + 1))?;
        self.greeters[index] = server::start_greeter(index + 1, addresses, &self.config)?;
        self.greeters[index].listening().await?;
        self.healthy_greeters(all).await
    }

    /// Replaces the gateway's certificate and key by a new pair. Returns the
    /// certificate, as PEM, which the gateway uses soon after.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn renew_certificate(&self) -> anyhow::Result<String> {
        self.certificates.renew()
    }
}

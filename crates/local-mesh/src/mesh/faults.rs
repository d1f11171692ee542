//! Faults of the gateway, which Envoy's fault filter injects while it runs.

use super::Mesh;

impl Mesh {
    /// Responds with 503 to this share of all requests.
    ///
    /// # Errors
    /// If the gateway ends.
    pub async fn abort_requests(&self, percent: u8) -> anyhow::Result<()> {
        self.set_fault("abort.abort_percent", percent).await
    }

    /// Delays this share of all requests by half a second.
    ///
    /// # Errors
    /// If the gateway ends.
    pub async fn delay_requests(&self, percent: u8) -> anyhow::Result<()> {
        self.set_fault("delay.fixed_delay_percent", percent).await
    }

    async fn set_fault(&self, key: &str, percent: u8) -> anyhow::Result<()> {
        let path = format!("/runtime_modify?fault.http.{key}={percent}");
        self.gateway.admin.post(&path).await
    }
}

//! The requests of a diagnosis, each within the total timeout.

use std::time::{Duration, Instant};

use transport::{Channel, probe};

use crate::{
    health::{self, HealthCheck},
    plan::DiagnosePlan,
    reflection,
    request::{self, NoResponse, RawRequest},
    response::RawResponse,
};

/// The requests on one connection.
pub(super) struct Requests<'a> {
    pub(super) plan: &'a DiagnosePlan,
    pub(super) channel: Channel,
    /// The end of the total timeout.
    pub(super) deadline: Instant,
}

impl Requests<'_> {
    /// The shorter of `limit` and the time that is left.
    pub(super) fn left(&self, limit: Duration) -> Duration {
        limit.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    /// The service in the path of the method.
    pub(super) fn service(&self) -> &str {
        let path = self.plan.path.path().trim_start_matches('/');
        path.rsplit_once('/').map_or(path, |(service, _)| service)
    }

    /// Calls the method with an empty message.
    pub(super) async fn call(&self, limit: Duration) -> Result<RawResponse, NoResponse> {
        self.send(Some(Vec::new()), limit).await
    }

    /// Sends a plain GET of the same path.
    pub(super) async fn plain_get(&self) -> Result<RawResponse, NoResponse> {
        self.send(None, probe::TIMEOUT).await
    }

    async fn send(
        &self,
        message: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<RawResponse, NoResponse> {
        let raw = RawRequest {
            path: self.plan.path.clone(),
            headers: &self.plan.headers,
            message,
            timeout: self.left(limit),
        };
        request::send(&self.channel, &raw).await
    }

    /// Checks the health of the service.
    pub(super) async fn health(&self) -> HealthCheck {
        let (channel, headers) = (&self.channel, &self.plan.headers);
        let timeout = self.left(probe::TIMEOUT);
        health::check(channel, headers, self.service(), timeout).await
    }

    /// The server's services by reflection; `None` without it.
    pub(super) async fn services(&self) -> Option<Vec<String>> {
        let (channel, headers) = (&self.channel, &self.plan.headers);
        reflection::services(channel, headers, self.left(probe::TIMEOUT)).await
    }
}

//! The limit of requests that wait: delays, and streams with an interval.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use service_kit::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When a request that was refused may be sent again: the longest delay.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The permits of requests that wait. A waiting request holds memory and does no
/// work, so that without a limit a few connections could hold all memory.
#[derive(Clone, Debug)]
pub(crate) struct Waiting(Arc<Semaphore>);

impl Waiting {
    pub(crate) fn new(limit: u32) -> Self {
        Self(Arc::new(Semaphore::new(limit as usize)))
    }

    /// A permit to wait, until it is dropped.
    ///
    /// # Errors
    /// `503 Service Unavailable` with `retry-after` if the limit is reached.
    pub(crate) fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many requests are waiting; send the request again later, or raise the server's --max-waiting",
            )
            .with_retry_after(RETRY_AFTER)
        })
    }
}

//! Deadlines of dials and calls.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tonic::Status;

/// The result of `exchange`, if it completes before the deadline.
///
/// # Errors
/// `DEADLINE_EXCEEDED` once the deadline has passed, even if the result is ready
/// by then: timers are coarser than short deadlines.
pub async fn within<T>(
    deadline: Option<Instant>,
    exchange: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let Some(deadline) = deadline else {
        return exchange.await;
    };
    match timeout_at(deadline, exchange).await {
        Ok(result) if Instant::now() < deadline => result,
        _ => Err(Status::deadline_exceeded("no response before the deadline")),
    }
}

/// The time left until the `deadline` of a dial.
pub(crate) fn left(deadline: std::time::Instant) -> Duration {
    deadline.saturating_duration_since(std::time::Instant::now())
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn a_passed_deadline_is_exceeded() {
        let result = within(Some(Instant::now()), async { Ok(()) }).await;
        assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
        assert!(within(None, async { Ok(()) }).await.is_ok());
    }
}

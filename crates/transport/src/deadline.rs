//! Deadlines of calls.

use tokio::time::{Instant, timeout_at};
use tonic::Status;

/// The result of `exchange`, if it ends before the deadline.
///
/// # Errors
/// `DEADLINE_EXCEEDED` once the deadline has passed: also if the result is there
/// by then, since timers are coarser than short deadlines.
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

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn a_deadline_that_has_passed_is_one() {
        let result = within(Some(Instant::now()), async { Ok(()) }).await;
        assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
        assert!(within(None, async { Ok(()) }).await.is_ok());
    }
}

//! Deadlines of dials and calls.

use tokio::time::{Instant, timeout_at};
use tonic::Status;

/// The output of `future`, if it completes before the deadline; `None` even if the
/// output is ready just after it: timers are coarser than short deadlines.
pub(crate) async fn before<T>(deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
    let output = timeout_at(deadline, future).await.ok()?;
    (Instant::now() < deadline).then_some(output)
}

/// The result of `exchange`, if it completes before the deadline.
///
/// # Errors
/// `DEADLINE_EXCEEDED` once the deadline has passed.
pub async fn within<T>(
    deadline: Option<Instant>,
    exchange: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let Some(deadline) = deadline else {
        return exchange.await;
    };
    let result = before(deadline, exchange).await;
    result.unwrap_or_else(|| Err(Status::deadline_exceeded("no response before the deadline")))
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

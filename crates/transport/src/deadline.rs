//! Deadlines of dials and calls.

use std::pin::Pin;

use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
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
    result.unwrap_or_else(|| Err(exceeded()))
}

/// A timer for the deadlines of one exchange after another: to set it again costs less
/// than a new one.
#[derive(Debug, Default)]
pub struct DeadlineTimer(Option<Pin<Box<Sleep>>>);

impl DeadlineTimer {
    /// The result of `exchange`, as [`within`] gives it.
    ///
    /// # Errors
    /// `DEADLINE_EXCEEDED` once the deadline has passed.
    pub async fn within<T>(
        &mut self,
        deadline: Option<Instant>,
        exchange: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        let Some(deadline) = deadline else {
            return exchange.await;
        };
        let timer = self
            .0
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().reset(deadline);
        tokio::select! {
            biased;
            result = exchange => if Instant::now() < deadline { return result },
            () = timer => {}
        }
        Err(exceeded())
    }
}

fn exceeded() -> Status {
    Status::deadline_exceeded("no response before the deadline")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn a_passed_deadline_is_exceeded() {
        let result = within(Some(Instant::now()), async { Ok(()) }).await;
        assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
        assert!(within(None, async { Ok(()) }).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_serves_one_deadline_after_another() {
        let mut timer = DeadlineTimer::default();
        for seconds in [1, 60, 1] {
            let started = Instant::now();
            let deadline = started + Duration::from_secs(seconds);
            let sleep = |millis| async move {
                sleep(Duration::from_millis(millis)).await;
                Ok(())
            };
            let result = timer.within(Some(deadline), sleep(900)).await;
            assert!(result.is_ok(), "{seconds}");
            let result = timer.within(Some(deadline), sleep(60_000)).await;
            assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
            assert_eq!(started.elapsed().as_secs(), seconds);
        }
        assert!(timer.within(None, async { Ok(()) }).await.is_ok());
    }
}

//! `GET /delay/{seconds}`: the answer that a test of timeouts needs.

use axum::extract::Path;
use tokio::time::sleep;

use super::seconds;
use crate::api_error::ApiError;

/// Answers after the time asked for, at most [`seconds::CAP`].
pub(super) async fn delay(Path(seconds): Path<String>) -> Result<String, ApiError> {
    let time = seconds::parse(&seconds)?;
    sleep(time).await;
    Ok(format!("waited {time:?}\n"))
}

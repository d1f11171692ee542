//! `GET /delay/{seconds}`: a delayed response, for tests of timeouts.

use axum::extract::Path;
use tokio::time::sleep;

use super::seconds;
use crate::api_error::ApiError;

/// Responds after the requested time, at most [`seconds::CAP`].
pub(super) async fn delay(Path(seconds): Path<String>) -> Result<String, ApiError> {
    let time = seconds::parse(&seconds)?;
    sleep(time).await;
    Ok(format!("waited {time:?}\n"))
}

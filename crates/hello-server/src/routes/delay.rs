//! `/delay/{seconds}`: a delayed response, for tests of timeouts.

use axum::extract::{Path, State, rejection::PathRejection};
use service_kit::Problem;
use tokio::time::sleep;

use super::{Shared, seconds};
use crate::problems::bad_path;

/// Responds after the requested time, at most [`seconds::CAP`].
pub(super) async fn delay(
    State(app): State<Shared>,
    path: Result<Path<String>, PathRejection>,
) -> Result<String, Problem> {
    let Path(seconds) = path.map_err(|rejection| bad_path(&rejection))?;
    let time = seconds::parse(&seconds)?;
    let _permit = app.waiting.permit()?;
    sleep(time).await;
    Ok(format!("waited {time:?}\n"))
}

//! `GET /stream/{n}`: a body in chunks, for tests of buffering and idle timeouts.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use service_kit::Problem;

use super::{Shared, parameters::parameter, seconds};
use crate::{lines::Lines, problems::bad_path};

const MAX_LINES: u32 = 10_000;

/// The longest time that a stream with an interval may take.
const MAX_TIME: Duration = Duration::from_secs(300);

/// Returns `n` lines: with `?interval=`, one chunk each and so many seconds apart;
/// without, several in each chunk.
pub(super) async fn stream(
    State(app): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Body, Problem> {
    let Path(n) = path.map_err(|rejection| bad_path(&rejection))?;
    let interval = parameter(query.as_deref(), "interval")?;
    let count = n.parse().ok().filter(|n| *n <= MAX_LINES).ok_or_else(|| {
        Problem::bad_request(format!("the number of lines must be from 0 to {MAX_LINES}"))
    })?;
    let interval = match interval {
        Some(seconds) => seconds::parse(&seconds)?,
        None => Duration::ZERO,
    };
    let lines = Lines {
        count,
        hostname: Arc::clone(&app.hostname),
    };
    if interval.is_zero() {
        return Ok(lines.batched());
    }
    check_time(count, interval)?;
    Ok(lines.paced(interval, app.waiting.permit()?))
}

/// # Errors
/// If so many lines take longer than [`MAX_TIME`].
fn check_time(count: u32, interval: Duration) -> Result<(), Problem> {
    let time = interval * count.saturating_sub(1);
    if time <= MAX_TIME {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "{count} lines, {interval:?} apart, take {time:?}, and the limit is {MAX_TIME:?}; \
         request fewer lines or a shorter interval"
    )))
}

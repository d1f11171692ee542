//! `GET /stream/{n}`: a body in chunks, for tests of buffering and idle timeouts.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Query, State},
    response::IntoResponse,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use tokio::time::sleep;

use super::{App, seconds};
use crate::api_error::ApiError;

const MAX_LINES: u32 = 10_000;

#[derive(Deserialize)]
pub(super) struct StreamQuery {
    /// Seconds between lines.
    interval: Option<String>,
}

/// Returns `n` lines, one chunk each, `?interval=` seconds apart.
pub(super) async fn stream(
    State(app): State<App>,
    Path(n): Path<String>,
    Query(query): Query<StreamQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let lines = n.parse().ok().filter(|n| *n <= MAX_LINES).ok_or_else(|| {
        ApiError::bad_request(format!("the number of lines must be from 0 to {MAX_LINES}"))
    })?;
    let interval = match query.interval {
        Some(seconds) => seconds::parse(&seconds)?,
        None => Duration::ZERO,
    };
    let body = stream::unfold(1, move |line: u32| {
        let text = format!("line {line} of {lines} from {}\n", app.hostname);
        async move {
            if line > lines {
                return None;
            }
            if line > 1 && !interval.is_zero() {
                sleep(interval).await;
            }
            Some((Ok::<_, Infallible>(Bytes::from(text)), line + 1))
        }
    });
    Ok(Body::from_stream(body))
}

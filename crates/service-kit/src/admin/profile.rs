//! `/debug/pprof/profile`: the CPU profile of some seconds.

use std::time::Duration;

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;

use crate::{
    Problem,
    profile::{self, ProfileError},
};

/// The longest profile, in seconds.
const MAX_SECONDS: u64 = 60;

#[derive(Deserialize)]
pub(super) struct ProfileQuery {
    #[serde(default = "default_seconds")]
    seconds: u64,
}

/// The default of Go's `/debug/pprof/profile`.
fn default_seconds() -> u64 {
    30
}

pub(super) async fn get(query: Result<Query<ProfileQuery>, QueryRejection>) -> Response {
    let seconds = match query {
        Ok(Query(query)) if (1..=MAX_SECONDS).contains(&query.seconds) => query.seconds,
        _ => {
            let detail = format!("?seconds= must be a number from 1 to {MAX_SECONDS}");
            return Problem::bad_request(detail).into_response();
        }
    };
    match profile::record(Duration::from_secs(seconds)).await {
        Ok(profile) => {
            let headers = [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"profile.pb.gz\"",
                ),
            ];
            (headers, profile).into_response()
        }
        Err(error) => {
            let status = match error {
                ProfileError::Busy => StatusCode::CONFLICT,
                ProfileError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            Problem::new(status, error.to_string()).into_response()
        }
    }
}

//! The status codes of gRPC.

use http::StatusCode;

/// Their names, by code.
pub(crate) const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

pub(crate) const CANCELLED: i32 = 1;
const UNKNOWN: i32 = 2;

/// The index of a code in [`NAMES`]; a number that is no code counts as UNKNOWN.
pub(crate) fn index(code: i32) -> usize {
    let index = usize::try_from(code).ok().filter(|it| *it < NAMES.len());
    index.unwrap_or(UNKNOWN as usize)
}

/// The name of a status code of gRPC.
#[must_use]
pub fn name(code: i32) -> &'static str {
    NAMES[index(code)]
}

/// The code that a client takes from a response without a gRPC status
/// (`doc/http-grpc-status-mapping.md` of gRPC).
pub(crate) fn of_http(status: StatusCode) -> i32 {
    match status.as_u16() {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502..=504 => 14,
        _ => UNKNOWN,
    }
}

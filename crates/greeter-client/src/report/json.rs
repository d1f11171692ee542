//! Replies and failures as JSON: one envelope for both.

use std::collections::BTreeMap;

use greeter_proto::code_name;
use http::HeaderMap;
use serde::Serialize;
use tonic::Status;
use tonic_types::StatusExt;

use super::{Failure, Link, Reply};
use crate::{
    dial::{Facts, Timings},
    tls::TlsFacts,
};

/// One line of JSON output.
#[derive(Serialize)]
struct Envelope<'a> {
    /// The greeting; null at the end of a stream and in failures.
    message: Option<&'a str>,
    /// The host that sent it.
    from: Option<&'a str>,
    /// The call's status; null while a stream is open, or if no call was made.
    status: Option<StatusFacts>,
    /// Why there is no reply.
    error: Option<ErrorFacts<'a>>,
    headers: Metadata,
    /// Null while a stream is open.
    trailers: Option<Metadata>,
    timings_ms: Timings,
    connection: Peer<'a>,
    tls: Option<&'a TlsFacts>,
}

/// Every value of every key, as text.
pub(crate) type Metadata = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
struct StatusFacts {
    code: i32,
    name: &'static str,
    message: String,
    /// The fields that a `google.rpc.BadRequest` complains of.
    violations: Vec<Violation>,
}

#[derive(Serialize)]
struct Violation {
    field: String,
    description: String,
}

/// A failure, as every subcommand's output has it.
#[derive(Serialize)]
pub(crate) struct ErrorFacts<'a> {
    exit_code: u8,
    cause: &'a str,
    hint: &'a str,
}

impl<'a> From<&'a Failure> for ErrorFacts<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            exit_code: failure.exit as u8,
            cause: &failure.cause,
            hint: failure.hint,
        }
    }
}

#[derive(Serialize)]
struct Peer<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    /// Whether it was made for an earlier call.
    reused: bool,
}

pub(super) fn reply(
    link: &Link<'_>,
    reply: &Reply,
    trailers: Option<&HeaderMap>,
    timings: Timings,
) -> String {
    line(&Envelope {
        message: Some(&reply.message),
        from: Some(&reply.from),
        status: trailers.map(|_| StatusFacts::new(&Status::ok(""))),
        headers: metadata(&reply.headers),
        trailers: trailers.map(metadata),
        ..envelope(link, timings)
    })
}

pub(super) fn end(
    link: &Link<'_>,
    headers: &HeaderMap,
    trailers: &HeaderMap,
    timings: Timings,
) -> String {
    line(&Envelope {
        status: Some(StatusFacts::new(&Status::ok(""))),
        headers: metadata(headers),
        trailers: Some(metadata(trailers)),
        ..envelope(link, timings)
    })
}

pub(super) fn failure(link: &Link<'_>, failure: &Failure, timings: Timings) -> String {
    let trailers = failure
        .status
        .as_ref()
        .map(|status| status.metadata().clone().into_headers());
    line(&Envelope {
        status: failure.status.as_ref().map(StatusFacts::new),
        error: Some(failure.into()),
        headers: metadata(&failure.headers),
        trailers: trailers.as_ref().map(metadata),
        ..envelope(link, timings)
    })
}

fn envelope<'a>(link: &Link<'a>, timings_ms: Timings) -> Envelope<'a> {
    Envelope {
        message: None,
        from: None,
        status: None,
        error: None,
        headers: Metadata::new(),
        trailers: None,
        timings_ms,
        connection: Peer {
            facts: link.facts,
            reused: link.reused,
        },
        tls: link.facts.tls.as_ref(),
    }
}

fn line(envelope: &Envelope<'_>) -> String {
    serde_json::to_string(envelope).expect("the envelope holds nothing that JSON cannot")
}

impl StatusFacts {
    fn new(status: &Status) -> Self {
        let bad_request = status.get_details_bad_request();
        let violations = bad_request
            .map(|details| details.field_violations)
            .unwrap_or_default();
        Self {
            code: status.code().into(),
            name: code_name(status.code()),
            message: status.message().to_owned(),
            violations: violations
                .into_iter()
                .map(|violation| Violation {
                    field: violation.field,
                    description: violation.description,
                })
                .collect(),
        }
    }
}

pub(crate) fn metadata(headers: &HeaderMap) -> Metadata {
    let mut by_name = Metadata::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        by_name.entry(name.to_string()).or_default().push(value);
    }
    by_name
}

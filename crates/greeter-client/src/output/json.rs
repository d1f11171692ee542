//! Replies and failures as JSON: one envelope for both.

use greeter_proto::{MetadataText, code_name, metadata_text};
use http::HeaderMap;
use serde::Serialize;
use tonic::Status;
use tonic_types::StatusExt;
use transport::{DialReport, Timings, tls::TlsReport};

use super::{Link, Reply};
use crate::{Failure, failure::FailureReport};

/// One line of JSON output.
#[derive(Serialize)]
struct Envelope<'a> {
    /// The greeting; null at the end of a stream and in failures.
    message: Option<&'a str>,
    /// The host that sent it.
    from: Option<&'a str>,
    /// The call's status; null while a stream is open, or without a call.
    status: Option<StatusReport>,
    /// Why there is no reply.
    error: Option<FailureReport<'a>>,
    headers: MetadataText,
    /// Null while a stream is open.
    trailers: Option<MetadataText>,
    timings_ms: Timings,
    /// Null without `--trace`.
    trace_id: Option<String>,
    connection: Peer<'a>,
    tls: Option<&'a TlsReport>,
}

#[derive(Serialize)]
struct StatusReport {
    code: i32,
    name: &'static str,
    message: String,
    /// The violations in a `google.rpc.BadRequest`.
    violations: Vec<Violation>,
}

#[derive(Serialize)]
struct Violation {
    field: String,
    description: String,
}

#[derive(Serialize)]
struct Peer<'a> {
    #[serde(flatten)]
    report: &'a DialReport,
    /// Whether an earlier call made it.
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
        status: trailers.map(|_| StatusReport::new(&Status::ok(""))),
        headers: metadata_text(&reply.headers),
        trailers: trailers.map(metadata_text),
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
        status: Some(StatusReport::new(&Status::ok(""))),
        headers: metadata_text(headers),
        trailers: Some(metadata_text(trailers)),
        ..envelope(link, timings)
    })
}

pub(super) fn failure(link: &Link<'_>, failure: &Failure, timings: Timings) -> String {
    let trailers = failure
        .status
        .as_ref()
        .map(|status| status.metadata().clone().into_headers());
    line(&Envelope {
        status: failure.status.as_ref().map(StatusReport::new),
        error: Some(failure.into()),
        headers: metadata_text(&failure.headers),
        trailers: trailers.as_ref().map(metadata_text),
        ..envelope(link, timings)
    })
}

fn envelope<'a>(link: &Link<'a>, timings_ms: Timings) -> Envelope<'a> {
    Envelope {
        message: None,
        from: None,
        status: None,
        error: None,
        headers: MetadataText::new(),
        trailers: None,
        timings_ms,
        trace_id: link.trace_id.map(|it| it.to_string()),
        connection: Peer {
            report: link.report,
            reused: link.reused,
        },
        tls: link.report.tls.as_ref(),
    }
}

fn line(envelope: &Envelope<'_>) -> String {
    serde_json::to_string(envelope).expect("every field has a JSON form")
}

impl StatusReport {
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

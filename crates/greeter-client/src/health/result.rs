//! The result of a check.

use greeter_proto::health::health_check_response::ServingStatus;
use tonic::{Code, Status};
use transport::{Cause, Channel, DialFailure, DialReport, Exit};

use crate::Failure;

/// The result of a check.
pub(super) struct CheckResult {
    /// The state, if the server reported one.
    pub(super) state: Option<ServingStatus>,
    /// Why it does not count as serving.
    pub(super) failure: Option<Failure>,
    /// The report of the dial, with the call's time.
    pub(super) report: DialReport,
    code: Option<Code>,
}

impl CheckResult {
    /// The exit code of this result.
    pub(super) fn exit(&self) -> Exit {
        self.failure
            .as_ref()
            .map_or(Exit::SUCCESS, |failure| failure.exit)
    }

    /// A dial that failed.
    pub(super) fn not_connected(failed: DialFailure) -> Self {
        Self {
            state: None,
            failure: Some(Failure::from(&failed.error)),
            report: failed.report,
            code: None,
        }
    }

    /// Whether the server does not implement the call, so that no retry can succeed.
    pub(super) fn is_final(&self) -> bool {
        self.code == Some(Code::Unimplemented)
    }

    pub(super) fn reported(state: ServingStatus, service: &str, report: DialReport) -> Self {
        let failure = match state {
            ServingStatus::Serving => None,
            ServingStatus::ServiceUnknown => Some(unknown(service)),
            ServingStatus::NotServing | ServingStatus::Unknown => Some(Failure::new(
                Cause::GrpcNotServing,
                format!("{} is {}", subject(service), state.as_str_name()),
            )),
        };
        Self {
            state: Some(state),
            failure,
            report,
            code: None,
        }
    }

    /// A watch that the server ended without an error, as when it drains.
    pub(super) fn watch_ended(report: DialReport) -> Self {
        let mut failure = Failure::new(Cause::GrpcStatus, "the server ended the watch".to_owned());
        failure.hint = "reconnecting".to_owned();
        Self {
            state: None,
            failure: Some(failure),
            report,
            code: None,
        }
    }

    pub(super) async fn failed(
        status: &Status,
        service: &str,
        channel: &Channel,
        report: DialReport,
    ) -> Self {
        let (state, failure) = match status.code() {
            Code::NotFound => (Some(ServingStatus::ServiceUnknown), unknown(service)),
            Code::Unimplemented => (
                None,
                Failure::new(
                    Cause::GrpcNoHealthService,
                    format!(
                        "the server does not implement this health call (UNIMPLEMENTED: {})",
                        status.message()
                    ),
                ),
            ),
            _ => (None, Failure::of_call(status, channel, None).await),
        };
        Self {
            state,
            failure: Some(failure),
            report,
            code: Some(status.code()),
        }
    }
}

fn subject(service: &str) -> String {
    match service {
        "" => "the server".to_owned(),
        service => format!("{service:?}"),
    }
}

fn unknown(service: &str) -> Failure {
    Failure::new(
        Cause::GrpcUnknownHealthService,
        format!("the server knows no service {service:?} (NOT_FOUND)"),
    )
}

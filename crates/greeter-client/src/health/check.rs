//! One check, or one open watch.

use std::time::Instant;

use greeter_proto::health::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tokio::time::Instant as Deadline;
use tonic::{Code, Request, Status};
use transport::{Cause, Channel, Connection, DialReport, Exit, within};

use super::HealthPlan;
use crate::Failure;

/// The result of a check.
pub(super) struct Health {
    /// The state, if the server reported one.
    pub(super) state: Option<ServingStatus>,
    /// Why it does not count as serving.
    pub(super) failure: Option<Failure>,
    /// The report of the dial, with the call's time.
    pub(super) report: DialReport,
    code: Option<Code>,
}

impl Health {
    /// The exit code of this result.
    pub(super) fn exit(&self) -> Exit {
        self.failure
            .as_ref()
            .map_or(Exit::SUCCESS, |failure| failure.exit)
    }

    /// Whether another check of the same server cannot help.
    pub(super) fn is_final(&self) -> bool {
        self.code == Some(Code::Unimplemented)
    }

    fn reported(state: ServingStatus, service: &str, report: DialReport) -> Self {
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
    fn watch_ended(report: DialReport) -> Self {
        let mut failure = Failure::new(Cause::GrpcStatus, "the server ended the watch".to_owned());
        failure.hint = "reconnecting".to_owned();
        Self {
            state: None,
            failure: Some(failure),
            report,
            code: None,
        }
    }

    fn failed(status: &Status, service: &str, channel: &Channel, report: DialReport) -> Self {
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
            _ => (None, Failure::of_call(status, channel.close_error(), None)),
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

/// Dials, and checks once.
pub(super) async fn check(plan: &HealthPlan) -> Health {
    let Connection {
        channel,
        mut report,
    } = match dial(plan).await {
        Ok(connection) => connection,
        Err(health) => return *health,
    };
    let timer = Instant::now();
    let mut request = request(plan);
    request.set_timeout(plan.timeout);
    let mut client = HealthClient::with_origin(channel.clone(), channel.origin().clone());
    let deadline = Deadline::now() + plan.timeout;
    let reply = within(Some(deadline), client.check(request)).await;
    report.timings.rpc = Some(timer.elapsed());
    match reply {
        Ok(reply) => Health::reported(reply.get_ref().status(), &plan.service, report),
        Err(status) => Health::failed(&status, &plan.service, &channel, report),
    }
}

/// Dials, and passes every state that the server reports to `tell`, until that
/// returns false (`None`), or the call or the connection ends.
pub(super) async fn watch(
    plan: &HealthPlan,
    mut tell: impl FnMut(Health) -> bool,
) -> Option<Health> {
    let Connection {
        channel,
        mut report,
    } = match dial(plan).await {
        Ok(connection) => connection,
        Err(health) => return Some(*health),
    };
    let timer = Instant::now();
    let mut client = HealthClient::with_origin(channel.clone(), channel.origin().clone());
    let deadline = Deadline::now() + plan.timeout;
    let status = match within(Some(deadline), client.watch(request(plan))).await {
        Err(status) => Some(status),
        Ok(states) => {
            let mut states = states.into_inner();
            loop {
                match states.message().await {
                    Ok(Some(reply)) => {
                        report.timings.rpc = Some(timer.elapsed());
                        let state = reply.status();
                        if !tell(Health::reported(state, &plan.service, report.clone())) {
                            return None;
                        }
                    }
                    Ok(None) => break None,
                    Err(status) => break Some(status),
                }
            }
        }
    };
    report.timings.rpc = Some(timer.elapsed());
    Some(match status {
        Some(status) => Health::failed(&status, &plan.service, &channel, report),
        None => Health::watch_ended(report),
    })
}

async fn dial(plan: &HealthPlan) -> Result<Connection, Box<Health>> {
    plan.dialer.dial().await.map_err(|failed| {
        Box::new(Health {
            state: None,
            failure: Some(Failure::from(&failed.error)),
            report: failed.report,
            code: None,
        })
    })
}

fn request(plan: &HealthPlan) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest {
        service: plan.service.clone(),
    });
    let headers = request.metadata_mut().as_mut();
    headers.extend(plan.headers.iter().cloned());
    request
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use transport::Dialer;

    use super::*;
    use crate::health::Mode;

    #[test]
    fn sends_the_given_headers() {
        let timeout = Duration::from_secs(1);
        let target = "localhost:1".parse().unwrap();
        let headers = [("authorization", "Bearer a"), ("user-agent", "probe")];
        let plan = HealthPlan {
            dialer: Dialer::new(target, None, timeout),
            service: String::new(),
            headers: headers
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into(),
            timeout,
            mode: Mode::Once,
        };
        let request = request(&plan);
        for (name, value) in headers {
            assert_eq!(request.metadata().get(name).unwrap(), value);
        }
    }
}

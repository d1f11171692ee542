//! One check, or one open watch.

use std::time::{Duration, Instant};

use greeter_proto::health::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use http::HeaderValue;
use tokio::time::timeout;
use tonic::{Code, Request, Status};

use super::Plan;
use crate::{
    Connection, Exit,
    call::USER_AGENT,
    dial::{Channel, Facts},
    report::Failure,
};

/// What came of asking.
pub(super) struct Answer {
    /// The state, if the server told one.
    pub(super) state: Option<ServingStatus>,
    /// Why it does not count as serving.
    pub(super) failure: Option<Failure>,
    /// The connection, with the call's time.
    pub(super) facts: Facts,
    code: Option<Code>,
}

impl Answer {
    /// How the program ends with this answer.
    pub(super) fn exit(&self) -> Exit {
        self.failure
            .as_ref()
            .map_or(Exit::Success, |failure| failure.exit)
    }

    /// Whether asking the same server again cannot help.
    pub(super) fn is_final(&self) -> bool {
        self.code == Some(Code::Unimplemented)
    }

    fn told(state: ServingStatus, service: &str, facts: Facts) -> Self {
        let failure = match state {
            ServingStatus::Serving => None,
            ServingStatus::ServiceUnknown => Some(unknown(service)),
            ServingStatus::NotServing | ServingStatus::Unknown => Some(Failure::new_in_words(
                Exit::NotServing,
                format!("{} is {}", subject(service), state.as_str_name()),
                "it is starting, draining, or says that it is ill: look at its log, or wait with --wait",
            )),
        };
        Self {
            state: Some(state),
            failure,
            facts,
            code: None,
        }
    }

    fn failed(status: &Status, service: &str, channel: &Channel, facts: Facts) -> Self {
        let (state, failure) = match status.code() {
            Code::NotFound => (Some(ServingStatus::ServiceUnknown), unknown(service)),
            Code::Unimplemented => (
                None,
                Failure::new_in_words(
                    Exit::Status,
                    format!(
                        "the server does not answer this health call (UNIMPLEMENTED: {})",
                        status.message()
                    ),
                    "it has no grpc.health.v1 or only a part of it, or the gateway does not route /grpc.health.v1.Health/ to it",
                ),
            ),
            _ => (None, Failure::new(status, channel.loss(), None)),
        };
        Self {
            state,
            failure: Some(failure),
            facts,
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
    Failure::new_in_words(
        Exit::NotServing,
        format!("the server knows no service {service:?} (NOT_FOUND)"),
        "check the name (package.Service), or leave it out to ask for the whole server",
    )
}

/// Dials, and checks once.
pub(super) async fn check(plan: &Plan) -> Answer {
    let Connection { channel, mut facts } = match dial(plan).await {
        Ok(connection) => connection,
        Err(answer) => return *answer,
    };
    let timer = Instant::now();
    let mut request = request(plan);
    request.set_timeout(plan.timeout);
    let mut client = HealthClient::with_origin(channel.clone(), channel.origin.clone());
    let reply = within(plan.timeout, client.check(request)).await;
    facts.timings.rpc = Some(timer.elapsed());
    match reply {
        Ok(reply) => Answer::told(reply.get_ref().status(), &plan.service, facts),
        Err(status) => Answer::failed(&status, &plan.service, &channel, facts),
    }
}

/// Dials, and gives every state that the server tells to `tell`, until that
/// says to stop (`None`), or the call or the connection ends.
pub(super) async fn watch(plan: &Plan, mut tell: impl FnMut(Answer) -> bool) -> Option<Answer> {
    let Connection { channel, mut facts } = match dial(plan).await {
        Ok(connection) => connection,
        Err(answer) => return Some(*answer),
    };
    let timer = Instant::now();
    let mut client = HealthClient::with_origin(channel.clone(), channel.origin.clone());
    let status = match within(plan.timeout, client.watch(request(plan))).await {
        Err(status) => status,
        Ok(states) => {
            let mut states = states.into_inner();
            loop {
                match states.message().await {
                    Ok(Some(reply)) => {
                        facts.timings.rpc = Some(timer.elapsed());
                        let state = reply.status();
                        if !tell(Answer::told(state, &plan.service, facts.clone())) {
                            return None;
                        }
                    }
                    Ok(None) => break Status::unavailable("the server ended the watch"),
                    Err(status) => break status,
                }
            }
        }
    };
    facts.timings.rpc = Some(timer.elapsed());
    Some(Answer::failed(&status, &plan.service, &channel, facts))
}

async fn dial(plan: &Plan) -> Result<Connection, Box<Answer>> {
    plan.dialer.dial().await.map_err(|failed| {
        Box::new(Answer {
            state: None,
            failure: Some(Failure::from(&failed.error)),
            facts: failed.facts,
            code: None,
        })
    })
}

fn request(plan: &Plan) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest {
        service: plan.service.clone(),
    });
    let headers = request.metadata_mut().as_mut();
    headers.extend(plan.headers.iter().cloned());
    headers
        .entry(http::header::USER_AGENT)
        .or_insert(HeaderValue::from_static(USER_AGENT));
    request
}

async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    timeout(patience, answer)
        .await
        .unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer before the deadline")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialer, health::Mode};

    #[test]
    fn sends_the_headers_that_were_asked_for() {
        let timeout = Duration::from_secs(1);
        let target = "localhost:1".parse().unwrap();
        let headers = [("authorization", "Bearer a"), ("user-agent", "probe")];
        let plan = Plan {
            dialer: Dialer::new(target, None, timeout).unwrap(),
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

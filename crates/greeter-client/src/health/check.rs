//! One check, or one open watch.

use std::error::Error;

use greeter_proto::health::{HealthCheckRequest, health_client::HealthClient};
use tokio::time::Instant;
use tonic::{Code, Request, Status};
use transport::{Connection, within};

use super::{HealthPlan, result::CheckResult};

/// Dials, and checks once.
pub(super) async fn check(plan: &HealthPlan) -> CheckResult {
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
    let deadline = Instant::now() + plan.timeout;
    let reply = within(Some(deadline), client.check(request)).await;
    report.timings.rpc = Some(timer.elapsed());
    match reply {
        Ok(reply) => CheckResult::reported(reply.get_ref().status(), &plan.service, report),
        Err(status) => CheckResult::failed(&status, &plan.service, &channel, report).await,
    }
}

/// Dials, and passes every state that the server reports to `on_state`, until
/// that returns false (`None`), or the call or the connection ends.
pub(super) async fn watch(
    plan: &HealthPlan,
    mut on_state: impl FnMut(CheckResult) -> bool,
) -> Option<CheckResult> {
    let Connection {
        channel,
        mut report,
    } = match dial(plan).await {
        Ok(connection) => connection,
        Err(health) => return Some(*health),
    };
    let timer = Instant::now();
    let mut client = HealthClient::with_origin(channel.clone(), channel.origin().clone());
    let deadline = Instant::now() + plan.timeout;
    let status = match within(Some(deadline), client.watch(request(plan))).await {
        Err(status) => Some(status),
        Ok(states) => {
            let mut states = states.into_inner();
            loop {
                match states.message().await {
                    Ok(Some(reply)) => {
                        report.timings.rpc = Some(timer.elapsed());
                        let state = reply.status();
                        if !on_state(CheckResult::reported(state, &plan.service, report.clone())) {
                            return None;
                        }
                    }
                    Ok(None) => break None,
                    Err(status) if is_shutdown(&status) => break None,
                    Err(status) => break Some(status),
                }
            }
        }
    };
    report.timings.rpc = Some(timer.elapsed());
    Some(match status {
        Some(status) => CheckResult::failed(&status, &plan.service, &channel, report).await,
        None => CheckResult::watch_ended(report),
    })
}

/// Whether the server ended the watch itself, as when it drains, and not the end
/// of the connection.
fn is_shutdown(status: &Status) -> bool {
    status.code() == Code::Unavailable && status.source().is_none()
}

async fn dial(plan: &HealthPlan) -> Result<Connection, Box<CheckResult>> {
    let failed = |failed: Box<_>| Box::new(CheckResult::not_connected(*failed));
    plan.dialer.dial().await.map_err(failed)
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

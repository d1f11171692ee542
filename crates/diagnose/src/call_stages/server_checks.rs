//! Checks of the server behind the method: its health, its services, and whether
//! a second path reaches it. Each correction of the finding adds what was tried.

use tonic::Code;
use transport::Cause;

use super::requests::Requests;
use crate::{
    finding::Finding,
    health::{self, HealthCheck, HealthState},
    response::RawResponse,
    rules::grpc,
    stage::StageName,
};

/// Calls a second path, which distinguishes a missing route from a missing host.
/// If the gateway hides its headers, a status is attributed to the server.
pub(super) async fn second_path(
    requests: &Requests<'_>,
    finding: &mut Finding,
    response: Option<&RawResponse>,
    tried: &mut Vec<String>,
) {
    let health = requests.health().await;
    let meaning = match health.state {
        HealthState::Gateway => "the server does not respond here either",
        HealthState::Absent => "no health service",
        _ if health.gateway_hidden => {
            "the server responds; the gateway hides which responses are its own"
        }
        _ => "the server responds, so only the route of the method is wrong",
    };
    let (path, message) = (health::PATH, &health.message);
    tried.push(format!("a second path, {path}: {meaning} ({message})"));
    if let Some(response) = response
        && let Some(status) = response.status()
        && finding.inferred
        && health.gateway_hidden
    {
        *finding = grpc::status(&status, response);
        finding.evidence.extend(response.evidence());
    }
}

/// Checks the health of the server and corrects the finding; `None` if the cause
/// is not in the server.
pub(super) async fn health(
    requests: &Requests<'_>,
    finding: &mut Finding,
    response: Option<&RawResponse>,
    tried: &mut Vec<String>,
) -> Option<HealthCheck> {
    if !is_in_server(finding.cause) {
        return None;
    }
    let health = requests.health().await;
    let tried_health = || format!("the health service: {}", health.message);
    let Some(response) = response else {
        tried.push(tried_health());
        return Some(health);
    };
    let unavailable = response
        .status()
        .is_some_and(|status| status.code() == Code::Unavailable);
    let not_serving = health.state == HealthState::NotServing;
    match finding.cause {
        Cause::Ok | Cause::GrpcStatus
            if not_serving && (finding.cause == Cause::Ok || unavailable) =>
        {
            let text = "the server reports that it is not serving";
            *finding = Finding::new(Cause::GrpcNotServing, text)
                .with_evidence(format!("health: {}", health.message));
        }
        Cause::GrpcUnimplementedService => {
            tried.push(tried_health());
            find_service(requests, finding, response, health.state, tried).await;
        }
        _ => {}
    }
    Some(health)
}

/// Whether the cause is in the server itself, so that its health adds evidence.
fn is_in_server(cause: Cause) -> bool {
    StageName::of(cause) > StageName::Route && !cause.code().starts_with("upstream.")
}

/// Servers respond UNIMPLEMENTED to an unknown method and to an unknown service.
/// The message, reflection or the health service distinguishes them.
async fn find_service(
    requests: &Requests<'_>,
    finding: &mut Finding,
    response: &RawResponse,
    health: HealthState,
    tried: &mut Vec<String>,
) {
    let status = response.status();
    let message = status.map(|it| grpc::message(&it)).unwrap_or_default();
    let evidence = format!("the server responds with UNIMPLEMENTED: {message}");
    finding.evidence.push(evidence);
    let message = message.to_lowercase();
    let services = requests.services().await;
    let service = requests.service();
    let listed = services
        .as_ref()
        .map(|names| names.iter().any(|name| name == service));
    let has_service = if message.contains("unknown service") {
        false
    } else if message.contains("unknown method") {
        true
    } else {
        let known = matches!(health, HealthState::Serving | HealthState::NotServing);
        listed.unwrap_or(known)
    };
    if has_service {
        finding.cause = Cause::GrpcUnimplementedMethod;
        finding.message = format!("the server has {service}, but not this method");
    } else {
        finding.message = format!("the server does not have the service {service}");
    }
    tried.push(match services {
        Some(names) => format!("reflection: the server has {}", names.join(", ")),
        None => "reflection: no response".to_owned(),
    });
}

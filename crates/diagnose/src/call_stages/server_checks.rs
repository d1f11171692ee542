//! Checks of the server behind the method: its health, its services, and whether
//! a second path reaches it.

use tonic::Code;
use transport::{Cause, probe};

use super::CallStages;
use crate::{
    finding::Finding,
    health::{self, Health, HealthState},
    reflection,
    response::RawResponse,
    rules::grpc,
};

impl CallStages<'_> {
    /// The service in the path of the method.
    fn service(&self) -> &str {
        let path = self.plan.path.path().trim_start_matches('/');
        path.rsplit_once('/').map_or(path, |(service, _)| service)
    }

    pub(super) async fn health(&self) -> Health {
        let (channel, headers) = (&self.channel, &self.plan.headers);
        let timeout = self.left(probe::TIMEOUT);
        health::check(channel, headers, self.service(), timeout).await
    }

    pub(super) fn tried_health(&mut self, health: &Health) {
        self.tried
            .push(format!("the health service: {}", health.message));
    }

    /// Corrects a finding by the server's health and services.
    pub(super) async fn weigh(
        &mut self,
        finding: &mut Finding,
        response: &RawResponse,
        health: &Health,
    ) {
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
                self.tried_health(health);
                self.find_service(finding, response, health).await;
            }
            _ => {}
        }
    }

    /// Servers respond UNIMPLEMENTED to an unknown method and to an unknown
    /// service. The message, reflection or the health service tells which.
    async fn find_service(
        &mut self,
        finding: &mut Finding,
        response: &RawResponse,
        health: &Health,
    ) {
        let status = response.status();
        let message = status.map(|it| grpc::message(&it)).unwrap_or_default();
        let evidence = format!("the server responds with UNIMPLEMENTED: {message}");
        finding.evidence.push(evidence);
        let message = message.to_lowercase();
        let (channel, headers) = (&self.channel, &self.plan.headers);
        let services = reflection::services(channel, headers, self.left(probe::TIMEOUT)).await;
        let service = self.service();
        let listed = services
            .as_ref()
            .map(|names| names.iter().any(|name| name == service));
        let has_service = if message.contains("unknown service") {
            false
        } else if message.contains("unknown method") {
            true
        } else {
            let known = matches!(health.state, HealthState::Serving | HealthState::NotServing);
            listed.unwrap_or(known)
        };
        if has_service {
            finding.cause = Cause::GrpcUnimplementedMethod;
            finding.message = format!("the server has {service}, but not this method");
        } else {
            finding.message = format!("the server does not have the service {service}");
        }
        self.tried.push(match services {
            Some(names) => format!("reflection: the server has {}", names.join(", ")),
            None => "reflection: no response".to_owned(),
        });
    }

    /// A second path tells a missing route from a missing host.
    pub(super) async fn second_path(&mut self) -> Health {
        let health = self.health().await;
        let meaning = match health.state {
            HealthState::Gateway => "the server does not respond here either",
            HealthState::Absent => "no health service",
            _ if health.gateway_hidden => {
                "the server responds; the gateway hides which responses are its own"
            }
            _ => "the server responds, so only the route of the method is wrong",
        };
        let (path, message) = (health::PATH, &health.message);
        self.tried
            .push(format!("a second path, {path}: {meaning} ({message})"));
        health
    }
}

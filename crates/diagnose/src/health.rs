//! The server's health, by `grpc.health.v1`.

use std::time::Duration;

use greeter_proto::{
    code_name,
    health::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
};
use http::{HeaderMap, uri::PathAndQuery};
use prost::Message;
use tonic::Code;
use transport::{Channel, tls::ClientAuth};

use crate::{
    request::{self, RawRequest},
    response::RawResponse,
    rules::grpc,
};

/// The path of every health service.
pub(super) const PATH: &str = "/grpc.health.v1.Health/Check";

/// The result of a health check.
#[derive(Debug)]
pub(super) struct HealthCheck {
    pub(super) state: HealthState,
    pub(super) took: Option<Duration>,
    /// Whether the gateway hides its headers: the server's response has the same
    /// headers as the gateway's own, so the headers of a response do not identify
    /// its origin.
    pub(super) gateway_hidden: bool,
    /// The result as text.
    pub(super) message: String,
}

/// The health state of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HealthState {
    Serving,
    NotServing,
    /// The server does not know the service.
    Unknown,
    /// The server has no health service, or does not respond.
    Absent,
    /// The gateway responds, not the server.
    Gateway,
}

/// Checks the health of a service.
pub(super) async fn check(
    channel: &Channel,
    headers: &HeaderMap,
    service: &str,
    timeout: Duration,
) -> HealthCheck {
    let check = HealthCheckRequest {
        service: service.to_owned(),
    };
    let raw = RawRequest {
        path: PathAndQuery::from_static(PATH),
        headers,
        message: Some(check.encode_to_vec()),
        timeout,
    };
    match request::send(channel, &raw).await {
        Ok(response) => {
            let (state, message) = read(&response, service);
            let is_servers = !matches!(state, HealthState::Absent | HealthState::Gateway);
            HealthCheck {
                state,
                took: Some(response.took),
                gateway_hidden: is_servers && response.is_envoys(),
                message,
            }
        }
        Err(why) => HealthCheck {
            state: HealthState::Absent,
            took: None,
            gateway_hidden: false,
            message: grpc::no_response(&why, ClientAuth::NotRequested).message,
        },
    }
}

fn read(response: &RawResponse, service: &str) -> (HealthState, String) {
    let Some(status) = response.status().filter(|_| response.is_grpc()) else {
        let number = response.http_status.as_u16();
        return (HealthState::Gateway, format!("not gRPC (HTTP {number})"));
    };
    let reply = response
        .message()
        .and_then(|bytes| HealthCheckResponse::decode(bytes).ok());
    match (status.code(), reply) {
        (Code::Ok, Some(reply)) => {
            let message = format!("{} ({service})", reply.status().as_str_name());
            let state = match reply.status() {
                ServingStatus::Serving => HealthState::Serving,
                ServingStatus::ServiceUnknown => HealthState::Unknown,
                ServingStatus::NotServing | ServingStatus::Unknown => HealthState::NotServing,
            };
            (state, message)
        }
        (Code::NotFound, _) => (
            HealthState::Unknown,
            format!("the server does not know {service}"),
        ),
        (code, _) => {
            let message = format!("{}: {}", code_name(code), grpc::message(&status));
            let state = if response.is_envoys() {
                HealthState::Gateway
            } else {
                HealthState::Absent
            };
            (state, message)
        }
    }
}

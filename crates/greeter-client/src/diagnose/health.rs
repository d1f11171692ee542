//! The server's own word on its health: `grpc.health.v1`.

use std::time::Duration;

use greeter_proto::{
    code_name,
    health::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
};
use http::HeaderMap;
use prost::Message;
use tonic::Code as Grpc;

use super::{
    answer::Answer,
    grpc,
    question::{self, Question},
};
use crate::{dial::Channel, tls::ClientAuth};

/// Where every health service is.
pub(super) const PATH: &str = "/grpc.health.v1.Health/Check";

/// What came of asking.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) word: Word,
    pub(super) took: Option<Duration>,
    /// Whether the server's answer looks like the gateway's own: then the gateway
    /// hides its headers, and an error alone does not tell whose it is.
    pub(super) disguised: bool,
    /// Its words for people.
    pub(super) text: String,
}

/// What the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Serving,
    NotServing,
    /// It does not know the service.
    Unknown,
    /// It has no health service, or does not answer.
    Silent,
    /// The gateway answers, not the server.
    Gateway,
}

/// Asks for the health of a service.
pub(super) async fn check(
    channel: &Channel,
    headers: &HeaderMap,
    service: &str,
    timeout: Duration,
) -> Health {
    let message = HealthCheckRequest {
        service: service.to_owned(),
    };
    let question = Question {
        path: PATH,
        headers,
        message: Some(message.encode_to_vec()),
        timeout,
    };
    match question::ask(channel, &question).await {
        Ok(answer) => {
            let (word, text) = read(&answer, service);
            let is_servers = matches!(word, Word::Serving | Word::NotServing | Word::Unknown);
            Health {
                word,
                took: Some(answer.took),
                disguised: is_servers && answer.is_envoys(),
                text,
            }
        }
        Err(why) => Health {
            word: Word::Silent,
            took: None,
            disguised: false,
            text: grpc::unanswered(&why, ClientAuth::NotAsked).cause,
        },
    }
}

fn read(answer: &Answer, service: &str) -> (Word, String) {
    let Some(status) = answer.status().filter(|_| answer.is_grpc()) else {
        let number = answer.http_status.as_u16();
        return (Word::Gateway, format!("no gRPC answer (HTTP {number})"));
    };
    let reply = answer
        .message()
        .and_then(|message| HealthCheckResponse::decode(message).ok());
    match (status.code(), reply) {
        (Grpc::Ok, Some(reply)) => {
            let text = format!("{} ({service})", reply.status().as_str_name());
            let word = match reply.status() {
                ServingStatus::Serving => Word::Serving,
                ServingStatus::ServiceUnknown => Word::Unknown,
                ServingStatus::NotServing | ServingStatus::Unknown => Word::NotServing,
            };
            (word, text)
        }
        (Grpc::NotFound, _) => (Word::Unknown, format!("the server does not know {service}")),
        (code, _) => {
            let text = format!("{}: {}", code_name(code), grpc::words(&status));
            let word = if answer.is_envoys() {
                Word::Gateway
            } else {
                Word::Silent
            };
            (word, text)
        }
    }
}

//! The services that a server says it has: `grpc.reflection.v1`, as far as a
//! list of names needs it.

use std::time::Duration;

use http::HeaderMap;
use prost::Message;

use super::question::{self, Question};
use crate::{dial::Channel, failure::printable};

const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// `ServerReflectionRequest`: its other fields are for other questions.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, optional, tag = "7")]
    list_services: Option<String>,
}

/// `ServerReflectionResponse`.
#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "6")]
    list_services_response: Option<Services>,
}

#[derive(Clone, PartialEq, Message)]
struct Services {
    #[prost(message, repeated, tag = "1")]
    service: Vec<Service>,
}

#[derive(Clone, PartialEq, Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
}

/// Lists the services; `None` if the server does not reflect.
pub(super) async fn services(
    channel: &Channel,
    headers: &HeaderMap,
    timeout: Duration,
) -> Option<Vec<String>> {
    let request = Request {
        list_services: Some(String::new()),
    };
    for path in PATHS {
        let question = Question {
            path,
            headers,
            message: Some(request.encode_to_vec()),
            timeout,
        };
        let Ok(answer) = question::ask(channel, &question).await else {
            continue;
        };
        let response = answer
            .message()
            .and_then(|message| Response::decode(message).ok());
        if let Some(services) = response.and_then(|response| response.list_services_response) {
            let names = services.service.into_iter();
            return Some(names.map(|service| printable(&service.name)).collect());
        }
    }
    None
}

//! The names of a server's services, by `grpc.reflection.v1` or `v1alpha`.

use std::time::Duration;

use cli_kit::printable;
use http::{HeaderMap, uri::PathAndQuery};
use prost::Message;
use transport::Channel;

use crate::request::{self, RawRequest};

const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// The request, with the one field that is used.
#[derive(Clone, PartialEq, Message)]
struct ServerReflectionRequest {
    #[prost(string, optional, tag = "7")]
    list_services: Option<String>,
}

/// The response, with the one field that is used.
#[derive(Clone, PartialEq, Message)]
struct ServerReflectionResponse {
    #[prost(message, optional, tag = "6")]
    list_services_response: Option<ListServiceResponse>,
}

#[derive(Clone, PartialEq, Message)]
struct ListServiceResponse {
    #[prost(message, repeated, tag = "1")]
    service: Vec<ServiceResponse>,
}

#[derive(Clone, PartialEq, Message)]
struct ServiceResponse {
    #[prost(string, tag = "1")]
    name: String,
}

/// Lists the services; `None` if the server does not support reflection.
pub(super) async fn services(
    channel: &Channel,
    headers: &HeaderMap,
    timeout: Duration,
) -> Option<Vec<String>> {
    let request = ServerReflectionRequest {
        list_services: Some(String::new()),
    };
    for path in PATHS {
        let raw = RawRequest {
            path: PathAndQuery::from_static(path),
            headers,
            message: Some(request.encode_to_vec()),
            timeout,
        };
        let Ok(raw) = request::send(channel, &raw).await else {
            continue;
        };
        let response = raw
            .message()
            .and_then(|message| ServerReflectionResponse::decode(message).ok());
        if let Some(services) = response.and_then(|response| response.list_services_response) {
            let names = services.service.into_iter();
            return Some(names.map(|service| printable(&service.name)).collect());
        }
    }
    None
}

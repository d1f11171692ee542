//! A response in the shape of its JSON.

use greeter_proto::{MetadataText, code_name, metadata_text};
use serde::Serialize;

use crate::response::RawResponse;

/// A response in the shape of its JSON.
#[derive(Debug, Serialize)]
pub struct ResponseReport {
    http_status: u16,
    headers: MetadataText,
    trailers: Option<MetadataText>,
    grpc_status: Option<i32>,
    grpc_status_name: Option<&'static str>,
    grpc_message: Option<String>,
    /// The first line of a body that is not gRPC.
    body: Option<String>,
}

impl ResponseReport {
    pub(super) fn new(response: &RawResponse) -> Self {
        let status = response.status();
        Self {
            http_status: response.http_status.as_u16(),
            headers: metadata_text(&response.headers),
            trailers: response.trailers.as_ref().map(metadata_text),
            grpc_status: status.as_ref().map(|status| status.code().into()),
            grpc_status_name: status.as_ref().map(|status| code_name(status.code())),
            grpc_message: status.map(|status| status.message().to_owned()),
            body: match response.is_grpc() {
                true => None,
                false => response.first_line(),
            },
        }
    }
}

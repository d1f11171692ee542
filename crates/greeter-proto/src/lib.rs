//! The greeter's wire contract: messages, client and server generated from
//! `proto/`, and the gRPC conventions that both sides share. It knows neither
//! transport nor TLS.

mod code;
mod metadata;
mod timeout;

pub use code::code_name;
pub use metadata::{COLOR, HOSTNAME, MetadataText, VERSION, metadata_text};
pub use timeout::{MAX_TIMEOUT, parse_timeout};

/// `package helloworld`: the greeter's messages, client and server.
#[allow(
    clippy::missing_errors_doc,
    reason = "generated: every error is the RPC's status"
)]
pub mod helloworld {
    tonic::include_proto!("helloworld");
}

/// `package grpc.health.v1`: the health checking protocol, with `List`.
#[allow(
    clippy::missing_errors_doc,
    reason = "generated: every error is the RPC's status"
)]
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of both packages, for
/// server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

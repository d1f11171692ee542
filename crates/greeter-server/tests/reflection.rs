//! Server reflection, which tools such as grpcurl use.

mod support;

use prost::Message;
use prost_types::FileDescriptorProto;
use support::{connect, start};
use testkit::soon;
use tokio_stream::once;
use tonic::{Code, Status};

/// The tests of one version of the protocol; both versions have the same messages.
macro_rules! reflection {
    ($version:ident) => {
        mod $version {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest,
                server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest::{self, *},
                server_reflection_response::MessageResponse::{self, *},
            };

            use super::*;

            async fn ask(request: MessageRequest) -> Result<MessageResponse, Status> {
                let server = start([]).await;
                let channel = connect(server.public).await;
                let origin = channel.origin().clone();
                let request = ServerReflectionRequest {
                    host: String::new(),
                    message_request: Some(request),
                };
                let mut responses = ServerReflectionClient::with_origin(channel, origin)
                    .server_reflection_info(once(request))
                    .await?
                    .into_inner();
                let response = soon(responses.message()).await?.expect("a response");
                Ok(response.message_response.expect("an answer"))
            }

            #[tokio::test]
            async fn lists_the_services() {
                let response = ask(ListServices(String::new())).await.unwrap();
                let ListServicesResponse(list) = response else {
                    panic!("{response:?}");
                };
                let names: Vec<_> = list.service.iter().map(|it| it.name.as_str()).collect();
                for service in [
                    "grpc.health.v1.Health",
                    concat!(
                        "grpc.reflection.",
                        stringify!($version),
                        ".ServerReflection"
                    ),
                    "helloworld.Greeter",
                ] {
                    assert!(names.contains(&service), "{service}: {names:?}");
                }
            }

            #[tokio::test]
            async fn describes_the_greeter() {
                let symbol = FileContainingSymbol("helloworld.Greeter".to_owned());
                let response = ask(symbol).await.unwrap();
                let FileDescriptorResponse(found) = response else {
                    panic!("{response:?}");
                };
                let file = FileDescriptorProto::decode(&found.file_descriptor_proto[0][..]);
                let file = file.unwrap();
                assert_eq!(file.package(), "helloworld");
                let methods = file.service[0].method.iter();
                let methods: Vec<_> = methods.map(|method| method.name()).collect();
                let expected = ["SayHello", "SayHelloStreamReply", "SayHelloBidiStream"];
                assert_eq!(methods, expected);
            }

            #[tokio::test]
            async fn knows_no_other_symbols() {
                let symbol = FileContainingSymbol("helloworld.Other".to_owned());
                assert_eq!(ask(symbol).await.unwrap_err().code(), Code::NotFound);
            }
        }
    };
}

reflection!(v1);
reflection!(v1alpha);

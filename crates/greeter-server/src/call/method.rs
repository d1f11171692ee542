//! The methods of the server, and what bounds a call of each.

use tonic::Status;

/// The kind of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One request, and a reply that is complete at once.
    OneReply,
    /// One request, and a reply that lasts until the client leaves.
    Watch,
    /// Requests and replies until the client leaves.
    Stream,
}

/// A method of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// The full name, for example `helloworld.Greeter/SayHello`.
    pub(crate) name: &'static str,
    /// What bounds a call.
    pub(crate) kind: Kind,
}

const METHODS: [Method; 8] = [
    method("helloworld.Greeter/SayHello", Kind::OneReply),
    method("helloworld.Greeter/SayHelloStreamReply", Kind::OneReply),
    method("helloworld.Greeter/SayHelloBidiStream", Kind::Stream),
    method("grpc.health.v1.Health/Check", Kind::OneReply),
    method("grpc.health.v1.Health/List", Kind::OneReply),
    method("grpc.health.v1.Health/Watch", Kind::Watch),
    method(
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        Kind::Stream,
    ),
    method(
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        Kind::Stream,
    ),
];

const fn method(name: &'static str, kind: Kind) -> Method {
    Method { name, kind }
}

impl Method {
    /// The method with this path.
    ///
    /// # Errors
    /// `UNIMPLEMENTED` in the words of grpc-go if there is no such method: a
    /// status without a message looks like one from Envoy.
    pub(crate) fn of(path: &str) -> Result<Self, Status> {
        let name = path.strip_prefix('/').unwrap_or_default();
        if let Some(method) = METHODS.iter().find(|method| method.name == name) {
            return Ok(*method);
        }
        let Some((service, method)) = name.rsplit_once('/') else {
            let text = format!("malformed method name: {path:?}");
            return Err(Status::unimplemented(text));
        };
        let is_of_service = |it: &Method| it.name.rsplit_once('/').unwrap_or_default().0 == service;
        Err(Status::unimplemented(
            if METHODS.iter().any(is_of_service) {
                format!("unknown method {method} for service {service}")
            } else {
                format!("unknown service {service}")
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use greeter_proto::FILE_DESCRIPTOR_SET;
    use prost::Message;
    use prost_types::FileDescriptorSet;
    use tonic_reflection::pb::{
        v1::server_reflection_server as v1, v1alpha::server_reflection_server as v1alpha,
    };

    use super::*;

    #[test]
    fn knows_every_method_of_the_contract() {
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap().file;
        let mut methods = 0;
        for file in &files {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    let found = Method::of(&path).unwrap();
                    assert_eq!(found.kind == Kind::Stream, method.client_streaming());
                    assert_eq!(format!("/{}", found.name), path);
                    methods += 1;
                }
            }
        }
        assert_eq!(methods, 6);
    }

    #[test]
    fn knows_the_services_of_reflection() {
        for service in [v1::SERVICE_NAME, v1alpha::SERVICE_NAME] {
            let path = format!("/{service}/ServerReflectionInfo");
            assert_eq!(Method::of(&path).unwrap().kind, Kind::Stream);
        }
    }

    #[test]
    fn names_what_is_unknown() {
        for (path, message) in [
            ("/", "malformed method name: \"/\""),
            ("/other.Service/Call", "unknown service other.Service"),
            ("/a/b/c", "unknown service a/b"),
            ("nothing", "malformed method name: \"nothing\""),
            (
                "/helloworld.Greeter/SayBye",
                "unknown method SayBye for service helloworld.Greeter",
            ),
        ] {
            assert_eq!(Method::of(path).unwrap_err().message(), message);
        }
    }
}

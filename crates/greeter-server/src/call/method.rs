//! The methods of the server, and what bounds a call of each.

use greeter_proto::{health::health_server, helloworld::greeter_server};
use tonic::Status;
use tonic_reflection::pb::{
    v1::server_reflection_server as v1, v1alpha::server_reflection_server as v1alpha,
};

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

/// The services with their methods.
const SERVICES: [(&str, &[(&str, Kind)]); 4] = [
    (
        greeter_server::SERVICE_NAME,
        &[
            ("SayHello", Kind::OneReply),
            ("SayHelloStreamReply", Kind::OneReply),
            ("SayHelloBidiStream", Kind::Stream),
        ],
    ),
    (
        health_server::SERVICE_NAME,
        &[
            ("Check", Kind::OneReply),
            ("List", Kind::OneReply),
            ("Watch", Kind::Watch),
        ],
    ),
    (v1::SERVICE_NAME, REFLECTION),
    (v1alpha::SERVICE_NAME, REFLECTION),
];

const REFLECTION: &[(&str, Kind)] = &[("ServerReflectionInfo", Kind::Stream)];

impl Kind {
    /// The kind of the method with this path.
    ///
    /// # Errors
    /// `UNIMPLEMENTED` in the words of grpc-go if there is no such method: a
    /// status without a message looks like one from Envoy.
    pub(crate) fn of(path: &str) -> Result<Self, Status> {
        let Some((service, method)) = path
            .strip_prefix('/')
            .and_then(|path| path.rsplit_once('/'))
        else {
            let text = format!("malformed method name: {path:?}");
            return Err(Status::unimplemented(text));
        };
        let Some((_, methods)) = SERVICES.iter().find(|(name, _)| *name == service) else {
            return Err(Status::unimplemented(format!("unknown service {service}")));
        };
        let kind = methods.iter().find(|(name, _)| *name == method);
        kind.map(|(_, kind)| *kind).ok_or_else(|| {
            Status::unimplemented(format!("unknown method {method} for service {service}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use greeter_proto::FILE_DESCRIPTOR_SET;
    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn knows_every_method_of_the_contract() {
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap().file;
        let mut methods = 0;
        for file in &files {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    let kind = Kind::of(&path).unwrap();
                    assert_eq!(kind == Kind::Stream, method.client_streaming(), "{path}");
                    methods += 1;
                }
            }
        }
        assert_eq!(methods, 6);
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
            assert_eq!(Kind::of(path).unwrap_err().message(), message);
        }
    }
}

//! The labels of Istio's metrics.

use prometheus_client::encoding::EncodeLabelSet;

use crate::envoy::AccessLogEntry;

/// Istio's value for what a proxy cannot know.
const UNKNOWN: &str = "unknown";

/// The labels of a request, by Istio's names.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub(super) struct Labels {
    reporter: &'static str,
    source_workload: &'static str,
    source_app: &'static str,
    destination_workload: &'static str,
    destination_app: &'static str,
    destination_version: String,
    destination_service_name: String,
    request_protocol: &'static str,
    response_code: u16,
    grpc_response_status: String,
    response_flags: String,
    connection_security_policy: &'static str,
}

/// A server, as the manifests name it.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    name: &'static str,
    version: String,
}

impl Workload {
    /// A greeter of this version.
    pub(crate) fn greeter(version: &str) -> Self {
        Self {
            name: "greeter-server",
            version: version.to_owned(),
        }
    }

    /// hello.
    pub(crate) fn hello() -> Self {
        Self {
            name: "hello-server",
            version: "v1".to_owned(),
        }
    }
}

impl Labels {
    /// What the client's proxy reports. In Istio, it does not know whether the
    /// connection had mutual TLS.
    pub(super) fn of_source(entry: &AccessLogEntry, workload: Option<&Workload>) -> Self {
        let source = match entry.proxy.as_str() {
            "gateway" => "istio-ingressgateway",
            _ => "hello-server",
        };
        let destination = workload.map_or(UNKNOWN, |it| it.name);
        let grpc = entry.grpc_status_number;
        Self {
            reporter: "source",
            source_workload: source,
            source_app: source,
            destination_workload: destination,
            destination_app: destination,
            destination_version: workload.map_or(UNKNOWN, |it| &it.version).to_owned(),
            destination_service_name: text(entry.upstream_cluster.as_deref(), UNKNOWN),
            request_protocol: grpc.map_or("http", |_| "grpc"),
            response_code: entry.response_code,
            grpc_response_status: grpc.map_or_else(String::new, |it| it.to_string()),
            response_flags: text(entry.response_flags.as_deref(), "-"),
            connection_security_policy: UNKNOWN,
        }
    }

    /// What the server's proxy reports.
    pub(super) fn of_destination(entry: &AccessLogEntry, workload: &Workload) -> Self {
        Self {
            reporter: "destination",
            connection_security_policy: match entry.upstream_tls_version {
                Some(_) => "mutual_tls",
                None => "none",
            },
            ..Self::of_source(entry, Some(workload))
        }
    }
}

fn text(field: Option<&str>, default: &str) -> String {
    field.unwrap_or(default).to_owned()
}

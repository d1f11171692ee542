//! What Prometheus scrapes: the servers, and the gateway.

use std::{io::Result, net::SocketAddr};

use tokio::net::TcpListener;

use super::{Mesh, server::greeter_version};
use crate::{
    mesh_metrics::{self, MeshMetrics, Workload},
    process::Addresses,
};

/// A server with metrics. Its labels are those of its pod.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name of the server.
    pub pod: String,
    /// The name of its program.
    pub app: &'static str,
    /// v1, or v2 for the canary.
    pub version: &'static str,
    /// Its admin address.
    pub admin: SocketAddr,
}

impl Mesh {
    /// Serves the gateway's metrics until the future is dropped: Envoy's own, and
    /// Istio's standard metrics, derived from Envoy's access log. The future fails if
    /// the listener does.
    pub fn serve_metrics(&self, listener: TcpListener) -> impl Future<Output = Result<()>> + use<> {
        mesh_metrics::serve(listener, self.metrics.clone(), self.gateway.admin.clone())
    }
}

/// The servers. Tells the metrics of the mesh their addresses.
pub(super) fn targets(
    hello: Addresses,
    greeters: &[Addresses],
    metrics: &MeshMetrics,
) -> Vec<Target> {
    metrics.add_workload(hello.public, Workload::hello());
    let mut targets = vec![Target {
        pod: "hello-1".to_owned(),
        app: "hello-server",
        version: "v1",
        admin: hello.admin,
    }];
    for (number, addresses) in (1..).zip(greeters) {
        let version = greeter_version(number);
        metrics.add_workload(addresses.public, Workload::greeter(version));
        targets.push(greeter(number, version, addresses.admin));
    }
    targets
}

/// Greeter `number`, from 1.
pub(super) fn greeter(number: usize, version: &'static str, admin: SocketAddr) -> Target {
    Target {
        pod: format!("greeter-{number}"),
        app: "greeter-server",
        version,
        admin,
    }
}

//! Probes: requests of load balancers and of the kubelet.

use crate::RequestRecord;

/// The paths of gRPC health checks.
const HEALTH: &str = "/grpc.health.v1.Health/";

/// How the user agents of probes start.
const USER_AGENTS: [&[u8]; 3] = [b"kube-probe/", b"Envoy/HC", b"GoogleHC/"];

/// Whether a request is a probe, which a service gets every few seconds. A client can
/// pretend that it is one, so errors are logged all the same.
pub(super) fn is_probe(request: &RequestRecord<'_>) -> bool {
    let user_agent = request.user_agent.map_or(&b""[..], |it| it.as_bytes());
    request.uri.path().starts_with(HEALTH)
        || USER_AGENTS.iter().any(|it| user_agent.starts_with(it))
}

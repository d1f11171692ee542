//! Upstreams that the gateway cannot reach, or that do not respond to it.

use testkit::{
    Pki,
    servers::{http1_only, never_answering, serve},
};
use tonic::Status;

use crate::{
    gateway::{Gateway, HTTP2},
    grpc::refusing_with,
    scenario::Scenario,
    servers::{greeter, tls_greeter},
};

pub(crate) async fn upstream_no_healthy() -> Scenario {
    Gateway::new("route: { cluster: upstream }").start().await
}

pub(crate) async fn upstream_connect_failure() -> Scenario {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    Gateway::to(&address).start().await
}

/// HTTP/2 to a server that speaks HTTP/1.1, as behind a Service port whose name has
/// no protocol.
pub(crate) async fn upstream_protocol_error() -> Scenario {
    Gateway::to(&http1_only().await).start().await
}

/// A server that closes the connection on the first request.
pub(crate) async fn upstream_closed() -> Scenario {
    let crashing = serve(|stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let _request = connection.accept().await;
    })
    .await;
    Gateway::to(&crashing).start().await
}

/// TLS to a plaintext server, as with a `DestinationRule` for a pod without a
/// sidecar.
pub(crate) async fn upstream_tls_mismatch() -> Scenario {
    // Envoy 1.39 and later hide the reason by default.
    let hide = "hide_transport_failure_reason_in_response_body";
    tls_to_plaintext().await.feature(hide, false).start().await
}

async fn tls_to_plaintext() -> Gateway {
    let tls = r#"
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext }"#;
    Gateway::to(&http1_only().await).cluster(&format!("{HTTP2}{tls}"))
}

pub(crate) async fn upstream_timeout() -> Scenario {
    Gateway::to(&never_answering().await)
        .route("route: { cluster: upstream, timeout: 0.3s }")
        .start()
        .await
}

pub(crate) async fn upstream_overflow() -> Scenario {
    let limit = "\n      circuit_breakers: { thresholds: [{ max_requests: 0 }] }";
    Gateway::to(&greeter(&[]).await)
        .cluster(&format!("{HTTP2}{limit}"))
        .start()
        .await
}

/// A route to a cluster that does not exist.
pub(crate) async fn upstream_no_cluster() -> Scenario {
    Gateway::new("route: { cluster_header: user-agent }")
        .start()
        .await
}

#[tokio::test]
async fn a_tls_upstream_closes_plaintext() {
    let pki = Pki::new();
    let gateway = Gateway::to(&tls_greeter(&pki, &[]).await).start().await;
    gateway.diagnosed_as("upstream_closed").await;
}

#[tokio::test]
async fn without_the_reason_the_verdict_stays_general() {
    let gateway = tls_to_plaintext().await.start().await;
    let run = gateway.diagnosed_as("upstream_connect_failure").await;
    run.shows("or TLS with it fails");
}

#[tokio::test]
async fn the_route_stage_is_ok_if_the_upstream_fails() {
    let run = upstream_no_healthy()
        .await
        .diagnosed_as("upstream_no_healthy")
        .await;
    assert_eq!((run.status("route"), run.status("rpc")), ("ok", "failed"));
    run.shows("no healthy upstream");
}

#[tokio::test]
async fn a_message_of_the_application_is_not_attributed_to_envoy() {
    for status in [
        Status::invalid_argument("stream timeout"),
        Status::invalid_argument("the stream timeout must be positive"),
        Status::unavailable("database has no healthy upstream replica"),
        Status::internal("upstream connect error or disconnect/reset before headers"),
        Status::unavailable("replica: reset reason: overflow"),
    ] {
        let message = status.message().to_owned();
        let gateway = Gateway::to(&refusing_with(status).await).start().await;
        gateway.diagnosed_as("grpc_status").await.shows(&message);
    }
}

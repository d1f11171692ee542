//! Services that a gateway cannot reach, or that do not answer it.

use testkit::{
    Pki,
    servers::{http1_only, never_answering, serve},
};
use tonic::Status;

use crate::{
    arranged::Arranged,
    grpc::refusing_with,
    mesh::{Gateway, HTTP2},
    servers::{greeter, tls_greeter},
};

pub(crate) async fn upstream_no_healthy() -> Arranged {
    Gateway::new("route: { cluster: upstream }").start().await
}

pub(crate) async fn upstream_connect_failure() -> Arranged {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    Gateway::to(&address).start().await
}

/// A Service port without a protocol's name: one side speaks HTTP/1.1.
pub(crate) async fn upstream_protocol_error() -> Arranged {
    Gateway::to(&http1_only().await).start().await
}

/// A server that crashes on a request.
pub(crate) async fn upstream_closed() -> Arranged {
    let crashing = serve(|stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let _request = connection.accept().await;
    })
    .await;
    Gateway::to(&crashing).start().await
}

/// TLS to a server without: a `DestinationRule` for a pod without a sidecar.
pub(crate) async fn upstream_tls_mismatch() -> Arranged {
    // Envoys before 1.39 always gave the reason, later ones if they are told to.
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

pub(crate) async fn upstream_timeout() -> Arranged {
    Gateway::to(&never_answering().await)
        .route("route: { cluster: upstream, timeout: 0.3s }")
        .start()
        .await
}

pub(crate) async fn upstream_overflow() -> Arranged {
    let limit = "\n      circuit_breakers: { thresholds: [{ max_requests: 0 }] }";
    Gateway::to(&greeter(&[]).await)
        .cluster(&format!("{HTTP2}{limit}"))
        .start()
        .await
}

/// A route to a cluster that is named by the request, and unknown.
pub(crate) async fn upstream_no_cluster() -> Arranged {
    Gateway::new("route: { cluster_header: user-agent }")
        .start()
        .await
}

#[tokio::test]
async fn plaintext_to_a_service_that_wants_tls_is_closed() {
    let pki = Pki::new();
    let gateway = Gateway::to(&tls_greeter(&pki, &[]).await).start().await;
    gateway.gives("upstream_closed").await;
}

#[tokio::test]
async fn a_gateway_that_hides_the_reason_is_not_guessed_at() {
    let gateway = tls_to_plaintext().await.start().await;
    let run = gateway.gives("upstream_connect_failure").await;
    run.shows("or TLS with it fails");
}

#[tokio::test]
async fn the_route_is_well_where_the_service_is_not() {
    let run = upstream_no_healthy()
        .await
        .gives("upstream_no_healthy")
        .await;
    assert_eq!((run.status("route"), run.status("rpc")), ("ok", "failed"));
    run.shows("no healthy upstream");
}

#[tokio::test]
async fn the_applications_words_are_not_the_gateways() {
    for status in [
        Status::invalid_argument("stream timeout"),
        Status::invalid_argument("the stream timeout must be positive"),
        Status::unavailable("database has no healthy upstream replica"),
        Status::internal("upstream connect error or disconnect/reset before headers"),
        Status::unavailable("replica: reset reason: overflow"),
    ] {
        let words = status.message().to_owned();
        let gateway = Gateway::to(&refusing_with(status).await).start().await;
        gateway.gives("grpc_status").await.shows(&words);
    }
}

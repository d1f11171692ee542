//! Servers without a gateway in front: no verdict may name one.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, StatusCode, header::SERVER},
    response::IntoResponse,
};
use testkit::{
    Pki,
    frames::{ANY_STREAM, CANCEL, ENHANCE_YOUR_CALM, NO_ERROR, REFUSED_STREAM, goaway},
    localhost,
    servers::serve,
};
use tokio_rustls::TlsAcceptor;
use tonic::Status;

use crate::{
    frames::{replying, reset, resetting},
    grpc::refusing_with,
    scenario::Scenario,
    servers::routes,
};

/// SETTINGS_MAX_CONCURRENT_STREAMS = 0.
const NO_STREAMS: &[(u16, u32)] = &[(3, 0)];

/// A server that allows no streams.
pub(crate) async fn http2_stream_refused() -> Scenario {
    let addr = replying(NO_STREAMS, Vec::new()).await;
    Scenario::new(["--timeout", "500ms", "--addr", &addr])
}

/// A server that closes the connection on the first request.
pub(crate) async fn grpc_closed() -> Scenario {
    Scenario::new(["--addr", &replying(&[], Vec::new()).await])
}

#[tokio::test]
async fn a_server_that_allows_no_streams_is_named() {
    let scenario = http2_stream_refused().await;
    let run = scenario.diagnosed_as("http2_stream_refused").await;
    run.shows("SETTINGS_MAX_CONCURRENT_STREAMS is 0");
    assert_eq!(
        (run.status("http2"), run.status("rpc")),
        ("failed", "skipped")
    );
}

#[tokio::test]
async fn a_server_over_tls_that_allows_no_streams_is_named() {
    let pki = Pki::new();
    let acceptor = TlsAcceptor::from(Arc::new(pki.server(&localhost(), &["h2"])));
    let addr = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut builder = h2::server::Builder::new();
            let builder = builder.max_concurrent_streams(0);
            if let Ok(stream) = acceptor.accept(stream).await
                && let Ok(mut connection) = builder.handshake::<_, Bytes>(stream).await
            {
                while connection.accept().await.is_some() {}
            }
        }
    })
    .await;
    let ca = pki.ca();
    let tls = [
        "--tls",
        "--cacert",
        &ca,
        "--timeout",
        "500ms",
        "--addr",
        &addr,
    ];
    let scenario = Scenario::new(tls);
    scenario.diagnosed_as("http2_stream_refused").await;
}

/// A server that refuses the stream of each call.
pub(crate) async fn http2_stream_refused_by_reset() -> Scenario {
    Scenario::new(["--addr", &resetting(REFUSED_STREAM).await])
}

#[tokio::test]
async fn a_refused_stream_is_not_attributed_to_an_upstream() {
    let scenario = http2_stream_refused_by_reset().await;
    scenario.diagnosed_as("http2_stream_refused").await;
}

#[tokio::test]
async fn every_goaway_with_enhance_your_calm_is_calm() {
    for reply in [
        goaway(0, ENHANCE_YOUR_CALM),
        goaway(1, ENHANCE_YOUR_CALM),
        goaway(ANY_STREAM, ENHANCE_YOUR_CALM),
        [goaway(ANY_STREAM, NO_ERROR), goaway(1, ENHANCE_YOUR_CALM)].concat(),
        [reset(ENHANCE_YOUR_CALM), goaway(1, ENHANCE_YOUR_CALM)].concat(),
        [goaway(1, ENHANCE_YOUR_CALM), reset(CANCEL)].concat(),
    ] {
        let addr = replying(&[], reply).await;
        let scenario = Scenario::new(["--addr", &addr]);
        scenario.diagnosed_as("http2_calm").await;
    }
}

#[tokio::test]
async fn a_server_that_ends_the_call_without_a_response_is_closed() {
    let crashing = serve(|stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let _request = connection.accept().await;
    });
    for addr in [
        crashing.await,
        resetting(CANCEL).await,
        replying(&[], goaway(0, NO_ERROR)).await,
    ] {
        let run = Scenario::new(["--addr", &addr])
            .diagnosed_as("grpc_closed")
            .await;
        run.shows("the server closed the connection or the stream");
    }
}

#[tokio::test]
async fn a_status_without_a_gateway_is_the_servers() {
    for status in [Status::unavailable(""), Status::unavailable("no database")] {
        let addr = refusing_with(status).await;
        let scenario = Scenario::new(["--addr", &addr]);
        scenario.diagnosed_as("grpc_status").await;
    }
}

/// A server that responds to everything with this status, server header and body.
pub(crate) async fn answering(
    status: StatusCode,
    server: &'static str,
    body: &'static str,
) -> Scenario {
    let answer = move || async move {
        let mut response = (status, body).into_response();
        if !server.is_empty() {
            let server = HeaderValue::from_static(server);
            response.headers_mut().insert(SERVER, server);
        }
        response
    };
    let addr = routes(Router::new().fallback(answer)).await;
    Scenario::new(["--addr", &addr])
}

#[tokio::test]
async fn a_5xx_is_attributed_to_a_load_balancer_only_with_evidence() {
    for (status, with_evidence) in [
        (StatusCode::BAD_GATEWAY, "upstream_connect_failure"),
        (StatusCode::SERVICE_UNAVAILABLE, "upstream_no_healthy"),
        (StatusCode::GATEWAY_TIMEOUT, "upstream_timeout"),
    ] {
        let plain = answering(status, "", "maintenance").await;
        plain.diagnosed_as("route_not_grpc").await;
        let balancer = answering(status, "awselb/2.0", "").await;
        balancer.diagnosed_as(with_evidence).await;
    }
}

#[tokio::test]
async fn the_404_of_a_default_backend_is_a_missing_route() {
    for (body, code) in [
        ("default backend - 404", "route_not_found"),
        (
            "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n",
            "route_not_found",
        ),
        (
            "response 404 (backend NotFound), service rules for the path non-existent",
            "route_not_found",
        ),
        (
            "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            "route_not_found",
        ),
        ("<h1>No such product</h1>", "route_not_grpc"),
    ] {
        let scenario = answering(StatusCode::NOT_FOUND, "", body).await;
        scenario.diagnosed_as(code).await;
    }
}

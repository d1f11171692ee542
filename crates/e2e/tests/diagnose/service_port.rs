//! A Service port whose protocol is wrong: the gateway speaks HTTP/1.1 to it.

use testkit::servers::{http1_only, never_answering, serve};
use tokio::io::AsyncReadExt;

use crate::{gateway::Gateway, sidecar::workload, upstream::upstream_closed};

/// How each fix begins.
const FIRST: &str = "the Service port's appProtocol";

#[tokio::test]
async fn http_1_to_a_grpc_server_is_a_protocol_error() {
    for addr in [http1_only().await, never_answering().await] {
        let gateway = Gateway::to(&addr).cluster("").start().await;
        let run = gateway.diagnosed_as("upstream_protocol_error").await;
        let fix = run.json["verdict"]["fix"].as_str().unwrap();
        assert!(
            fix.starts_with(&format!("Set {FIRST} to grpc, or name")),
            "{fix}"
        );
    }
}

#[tokio::test]
async fn a_closed_connection_names_the_port_first_and_not_simple() {
    let hangs_up = serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
    })
    .await;
    let http1 = Gateway::to(&hangs_up).cluster("").start().await;
    for scenario in [http1, upstream_closed().await] {
        let run = scenario.diagnosed_as("upstream_closed").await;
        let fix = run.json["verdict"]["fix"].as_str().unwrap();
        assert!(
            fix.starts_with(&format!("Check that {FIRST} is grpc")),
            "{fix}"
        );
        run.shows("set ISTIO_MUTUAL; SIMPLE is only for a server that terminates TLS itself");
    }
}

/// Plaintext to a sidecar under STRICT mTLS, as with `trafficPolicy.tls` DISABLE.
#[tokio::test]
async fn plaintext_to_a_sidecar_is_not_told_to_use_simple() {
    let sidecar = Gateway::mutual(workload()).start().await;
    let gateway = Gateway::to(sidecar.args.last().unwrap()).start().await;
    let run = gateway.diagnosed_as("upstream_closed").await;
    run.shows("trafficPolicy.tls to DISABLE and the pod has a sidecar with STRICT mTLS");
    run.shows("set ISTIO_MUTUAL");
}

#[tokio::test]
async fn a_400_of_the_server_itself_is_not_attributed_to_a_gateway() {
    use axum::{Router, http::StatusCode};

    let router = Router::new().fallback(|| async { StatusCode::BAD_REQUEST });
    let addr = crate::servers::routes(router).await;
    let scenario = crate::scenario::Scenario::new(["--addr", &addr]);
    scenario.diagnosed_as("route_not_grpc").await;
}

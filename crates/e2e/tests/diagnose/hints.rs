//! The hint of a failed greeting says the same as the verdict.

use axum::{Router, http::StatusCode, response::Redirect};
use local_mesh::binary;
use testkit::{
    frames::{CANCEL, ENHANCE_YOUR_CALM, goaway},
    servers::http1_only,
};
use tonic::Status;

use crate::{
    frames::{replying, reset},
    gateway::Gateway,
    grpc::refusing_with,
    origin::{answering, grpc_closed, http2_stream_refused_by_reset},
    route::{fault, route_forbidden, route_not_found, route_unauthenticated},
    scenario::Scenario,
    servers::routes,
    tokens::other_audience,
    upstream::{upstream_closed, upstream_no_cluster, upstream_no_healthy},
};

#[tokio::test]
async fn a_greeting_and_a_verdict_say_the_same() {
    let calm = replying(&[], goaway(0, ENHANCE_YOUR_CALM)).await;
    // The last stream is the call's: only the connection gets the error.
    let calm_after_call = replying(&[], goaway(1, ENHANCE_YOUR_CALM)).await;
    let calm_and_reset = [goaway(1, ENHANCE_YOUR_CALM), reset(CANCEL)].concat();
    let calm_and_reset = replying(&[], calm_and_reset).await;
    let redirect = || async { Redirect::temporary("https://greeter.example/") };
    let redirect = routes(Router::new().fallback(redirect)).await;
    let unavailable = refusing_with(Status::unavailable("no database")).await;
    for scenario in [
        fault().await,
        other_audience().await,
        route_unauthenticated().await,
        route_forbidden().await,
        route_not_found().await,
        upstream_no_healthy().await,
        upstream_closed().await,
        upstream_no_cluster().await,
        grpc_closed().await,
        answering(StatusCode::BAD_GATEWAY, "awselb/2.0", "").await,
        answering(StatusCode::SERVICE_UNAVAILABLE, "awselb/2.0", "").await,
        answering(StatusCode::GATEWAY_TIMEOUT, "", "").await,
        Gateway::to(&http1_only().await).cluster("").start().await,
        http2_stream_refused_by_reset().await,
        Scenario::new(["--addr", &calm]),
        Scenario::new(["--addr", &calm_after_call]),
        Scenario::new(["--addr", &calm_and_reset]),
        Scenario::new(["--addr", &redirect]),
        Scenario::new(["--addr", &unavailable]),
        Gateway::to(&unavailable).start().await,
    ] {
        let run = scenario.diagnose().await;
        let verdict = &run.json["verdict"];
        let greeting = scenario
            .command(binary("greeter-client").unwrap().to_str().unwrap())
            .args(&scenario.args)
            .output()
            .await
            .unwrap();
        let line = String::from_utf8(greeting.stderr).unwrap();
        let (_, hint) = line.trim().split_once("; ").unwrap();
        let fix = verdict["fix"].as_str().unwrap();
        let start = &fix[1..hint.len()];
        assert_eq!(&hint[1..], start, "{line}\n{verdict:#}");
        let code = greeting.status.code().map(i64::from);
        assert_eq!(code, verdict["exit_code"].as_i64(), "{line}\n{verdict:#}");
    }
}

//! The maximum age of a connection.

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, routing::get};
use support::start;
use testkit::{
    clients::h2c,
    frames::{DATA, GOAWAY, HEADERS, OK},
    http2::Http2,
};
use tokio::sync::Notify;

#[tokio::test]
async fn sends_goaway_at_the_maximum_age_but_finishes_the_request() {
    let release = Arc::new(Notify::new());
    let wait = async |State(release): State<Arc<Notify>>| release.notified().await;
    let routes = Router::new()
        .route("/", get(wait))
        .with_state(release.clone());
    let server = start(routes, ["--max-connection-age", "200ms"]).await;

    let mut connection = Http2::get(server.public).await;
    let no_error = connection.next(GOAWAY).await.payload;
    assert_eq!(no_error[4..8], [0; 4]);
    release.notify_one();
    let headers = connection.next(HEADERS).await;
    assert_eq!(headers.payload[0], OK);
    if !headers.ends_stream {
        assert!(connection.next(DATA).await.ends_stream);
    }
    connection.closed().await;
}

#[tokio::test]
async fn serves_a_client_whose_connections_reach_their_maximum_age() {
    let routes = Router::new().route("/", get("hello"));
    let age = Duration::from_millis(50);
    let server = start(routes, ["--max-connection-age", "50ms"]).await;
    let url = server.url("/");
    let (client, started) = (h2c(), Instant::now());
    while started.elapsed() < 5 * age {
        let response = client.get(&url).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn closes_a_connection_whose_requests_outlast_the_grace_period() {
    let routes = Router::new().route("/", get(std::future::pending::<()>));
    let flags = [
        "--max-connection-age",
        "50ms",
        "--max-connection-age-grace",
        "100ms",
    ];
    let server = start(routes, flags).await;
    let mut connection = Http2::get(server.public).await;
    connection.next(GOAWAY).await;
    let warned = Instant::now();
    connection.closed().await;
    // The GOAWAY was sent a little earlier than it was read.
    assert!(warned.elapsed() >= Duration::from_millis(50));
}

//! The threads that serve connections.

mod support;

use std::{collections::BTreeSet, sync::Arc, thread};

use axum::{Router, routing::get};
use support::start;
use testkit::clients::h2c;
use tokio::sync::Notify;

#[tokio::test]
async fn connections_spread_over_the_workers() {
    let name = async || thread::current().name().unwrap_or_default().to_owned();
    let server = start(Router::new().route("/", get(name)), ["--workers", "2"]).await;
    // Each client keeps its connection.
    let clients = [h2c(), h2c()];
    let mut names = BTreeSet::new();
    for client in &clients {
        let response = client.get(server.url("/")).send().await.unwrap();
        names.insert(response.text().await.unwrap());
    }
    assert_eq!(Vec::from_iter(names), ["worker-0", "worker-1"]);
}

#[tokio::test]
async fn a_panic_ends_its_request_only() {
    let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wait = {
        let (arrived, release) = (Arc::clone(&arrived), Arc::clone(&release));
        async move || {
            arrived.notify_one();
            release.notified().await;
            "waited"
        }
    };
    let panics = async || -> &'static str { panic!("the test needs a handler that panics") };
    let routes = Router::new()
        .route("/", get("hello"))
        .route("/wait", get(wait))
        .route("/panic", get(panics));
    let server = start(routes, ["--workers", "1"]).await;
    let client = h2c();
    // A request of the same connection, in flight during the panics.
    let waiting = tokio::spawn(client.get(server.url("/wait")).send());
    arrived.notified().await;
    for _ in 0..2 {
        let ended = client.get(server.url("/panic")).send().await;
        assert!(ended.is_err(), "{ended:?}");
        let response = client.get(server.url("/")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "hello");
    }
    release.notify_one();
    let response = waiting.await.unwrap().unwrap();
    assert_eq!(response.text().await.unwrap(), "waited");
}

//! Shutdown: lame duck, draining, exit.

mod support;

use std::time::{Duration, Instant};

use axum::Router;
use support::{Held, start};
use testkit::{
    clients::{h2c, http1},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn reports_not_ready_while_it_still_accepts() {
    let flags = ["--drain-delay", "1h", "--drain-timeout", "2h"];
    let server = start(Held::default().routes(), flags).await;
    let (public, admin) = (server.public, server.admin);
    let status = async |address, path: &str| {
        let url = format!("http://{address}{path}");
        http1().get(url).send().await.unwrap().status()
    };
    assert_eq!(status(admin, "/readyz").await, 200);
    let ended = server.stop();
    soon(async { while status(admin, "/readyz").await != 503 {} }).await;
    assert_eq!(status(admin, "/livez").await, 200);
    assert_eq!(status(public, "/").await, 200);
    assert!(!ended.is_finished());
}

#[tokio::test]
async fn finishes_the_requests_in_flight_and_accepts_no_others() {
    for client in [http1(), h2c()] {
        let held = Held::default();
        let flags = ["--drain-delay", "0s", "--drain-timeout", "1h"];
        let server = start(held.routes(), flags).await;
        let (public, admin) = (server.public, server.admin);
        let request = client.get(format!("http://{public}/held")).send();
        let request = tokio::spawn(request);
        soon(held.arrived.notified()).await;

        let ended = server.stop();
        soon(async { while TcpStream::connect(public).await.is_ok() {} }).await;
        let live = http1().get(format!("http://{admin}/livez")).send().await;
        assert_eq!(live.unwrap().status(), 200);
        assert!(!ended.is_finished());

        held.release.notify_one();
        let response = soon(request).await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "finished");
        soon(ended).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn cuts_open_connections_at_the_drain_timeout() {
    for client in [http1(), h2c()] {
        let held = Held::default();
        let flags = ["--drain-delay", "0s", "--drain-timeout", "200ms"];
        let server = start(held.routes(), flags).await;
        let request = client.get(server.url("/held")).send();
        let request = tokio::spawn(request);
        soon(held.arrived.notified()).await;

        let stopped = Instant::now();
        soon(server.stop()).await.unwrap().unwrap();
        assert!(stopped.elapsed() >= Duration::from_millis(200));
        assert!(soon(request).await.unwrap().is_err());
    }
}

#[tokio::test]
async fn does_not_wait_for_connections_without_a_request() {
    let flags = ["--drain-delay", "0s", "--drain-timeout", "1h"];
    let server = start(Held::default().routes(), flags).await;
    let url = server.url("/");
    let clients = [http1(), h2c()];
    for client in &clients {
        client.get(&url).send().await.unwrap().text().await.unwrap();
    }
    let silent = TcpStream::connect(server.public).await.unwrap();
    soon(server.stop()).await.unwrap().unwrap();
    drop((silent, clients));
}

#[tokio::test]
async fn refuses_a_drain_timeout_under_the_drain_delay() {
    let flags = ["--drain-delay", "2s", "--drain-timeout", "1s"];
    let server = start(Router::new(), flags).await;
    let error = soon(server.stop()).await.unwrap().unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("--drain-timeout 1s must not be less"),
        "{error}"
    );
    assert!(error.contains("--drain-delay 2s"), "{error}");
}

#[tokio::test]
async fn http1_connections_close_with_the_first_response_of_the_drain() {
    let flags = ["--drain-delay", "1h", "--drain-timeout", "2h"];
    let server = start(Held::default().routes(), flags).await;
    let (public, admin) = (server.public, server.admin);
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut idle = TcpStream::connect(public).await.unwrap();
    idle.write_all(request).await.unwrap();
    let mut response = [0; 1024];
    let length = soon(idle.read(&mut response)).await.unwrap();
    let before = String::from_utf8_lossy(&response[..length]).into_owned();
    assert!(before.starts_with("HTTP/1.1 200 "), "{before}");
    assert!(!before.contains("connection: close"), "{before}");

    let _ended = server.stop();
    let ready = format!("http://{admin}/readyz");
    soon(async { while http1().get(&ready).send().await.unwrap().status() != 503 {} }).await;
    idle.write_all(request).await.unwrap();
    let mut after = String::new();
    soon(idle.read_to_string(&mut after)).await.unwrap();
    assert!(after.starts_with("HTTP/1.1 200 "), "{after}");
    assert!(after.contains("connection: close"), "{after}");
}

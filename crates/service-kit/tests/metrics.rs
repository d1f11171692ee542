//! The metrics of a service that does nothing for them.

mod support;

use std::collections::BTreeSet;

use axum::{Router, routing::get};
use support::{Held, start};
use testkit::{
    Pki, Service,
    clients::{h2c, http1, raw},
    localhost,
    metrics::Scrape,
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const REQUESTS: &str = "http_server_request_duration_seconds_count";

async fn get_ok(service: &Service, target: &str) {
    let response = http1().get(service.url(target)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap();
}

#[tokio::test]
async fn requests_are_counted_by_method_route_status_and_version() {
    let routes = Router::new().route("/items/{id}", get("item"));
    let server = start(routes, []).await;
    get_ok(&server, "/items/1").await;
    get_ok(&server, "/items/2?secret=3").await;
    let other = h2c().get(server.url("/none")).send().await.unwrap();
    assert_eq!(other.status(), 404);
    raw(server.public, "FLY /none HTTP/1.1").await;
    raw(server.public, "GET /none HTTP/1.0").await;

    let scrape = Scrape::until(&server, |it| it.sum(REQUESTS, &[]) == Some(5.0)).await;
    for (count, method, route, status, version) in [
        (2.0, "GET", "/items/{id}", "200", "1.1"),
        (1.0, "GET", "", "404", "2"),
        (1.0, "GET", "", "404", "1.0"),
        (1.0, "_OTHER", "", "404", "1.1"),
    ] {
        let labels = [
            format!("http_request_method=\"{method}\""),
            format!("http_route=\"{route}\""),
            format!("http_response_status_code=\"{status}\""),
            format!("network_protocol_version=\"{version}\""),
        ];
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        assert_eq!(scrape.value(REQUESTS, &labels), count, "{labels:?}");
        let sum = scrape.value("http_server_request_duration_seconds_sum", &labels);
        assert!((0.0..10.0).contains(&sum), "{sum}");
    }
    assert!(!scrape.0.contains("secret"));
}

#[tokio::test]
async fn a_request_in_flight_and_its_connection_are_gauges() {
    let held = Held::default();
    let server = start(held.routes(), ["--max-requests", "7"]).await;
    let request = tokio::spawn(h2c().get(server.url("/held")).send());
    soon(held.arrived.notified()).await;
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value("http_server_active_requests", &[]), 1.0);
    assert_eq!(scrape.value("http_server_max_requests", &[]), 7.0);
    let connections = |scrape: &Scrape, version: &str| {
        let label = format!("network_protocol_version=\"{version}\"");
        scrape.value("server_active_connections", &[&label])
    };
    assert_eq!(connections(&scrape, "2"), 1.0);
    assert_eq!(connections(&scrape, "1.1"), 0.0);
    assert!(scrape.value("server_max_connections", &[]) > 0.0);
    assert_eq!(scrape.value("server_ready", &[]), 1.0);

    let _silent = TcpStream::connect(server.public).await.unwrap();
    Scrape::until(&server, |it| connections(it, "unknown") == 1.0).await;

    held.release.notify_one();
    soon(request).await.unwrap().unwrap();
    let none = |it: &Scrape| it.value("http_server_active_requests", &[]) == 0.0;
    Scrape::until(&server, none).await;
}

#[tokio::test]
async fn a_reset_request_has_no_status() {
    let held = Held::default();
    let server = start(held.routes(), []).await;
    let request = tokio::spawn(h2c().get(server.url("/held")).send());
    soon(held.arrived.notified()).await;
    request.abort();
    let status = ["http_response_status_code=\"\""];
    Scrape::until(&server, |it| it.sum(REQUESTS, &status) == Some(1.0)).await;
}

#[tokio::test]
async fn refused_requests_are_counted() {
    let held = Held::default();
    let flags = ["--max-requests", "2", "--max-concurrent-streams", "100"];
    let server = start(held.routes(), flags).await;
    let client = h2c();
    let first = tokio::spawn(client.get(server.url("/held")).send());
    soon(held.arrived.notified()).await;
    let mut others = Vec::new();
    for _ in 0..50 {
        others.push(tokio::spawn(client.get(server.url("/held")).send()));
    }
    let refused = |it: &Scrape| {
        let reason = ["reason=\"max_requests\""];
        it.value("server_refused_requests_total", &reason) > 0.0
    };
    Scrape::until(&server, refused).await;
    first.abort();
    others.iter().for_each(|other| other.abort());
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_counted_with_its_reason() {
    let server = start(Router::new(), ["--header-timeout", "50ms"]).await;
    let mut slow = TcpStream::connect(server.public).await.unwrap();
    soon(slow.read_to_end(&mut Vec::new())).await.unwrap();
    let name = "server_closed_connections_total";
    let reason = ["reason=\"header_timeout\""];
    Scrape::until(&server, |it| it.value(name, &reason) == 1.0).await;
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.value(name, &[]), 1.0);
}

#[tokio::test]
async fn handshakes_and_the_end_of_the_certificate_are_metrics() {
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &localhost());
    let flags = [
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--handshake-timeout",
        "50ms",
    ];
    let server = start(Router::new(), flags).await;
    for first_bytes in ["GET / HTTP/1.1\r\n\r\n", ""] {
        let mut stream = TcpStream::connect(server.public).await.unwrap();
        stream.write_all(first_bytes.as_bytes()).await.unwrap();
        soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
    }
    let name = "tls_server_handshakes_total";
    let scrape = Scrape::until(&server, |it| it.value(name, &[]) == 2.0).await;
    for (result, count) in [("ok", 0.0), ("failed", 1.0), ("timeout", 1.0)] {
        let label = format!("result=\"{result}\"");
        assert_eq!(scrape.value(name, &[&label]), count, "{result}");
    }
    let not_after = scrape.value("tls_server_certificate_not_after_timestamp_seconds", &[]);
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(not_after > now.as_secs_f64(), "{not_after}");
}

#[tokio::test]
async fn the_build_and_the_process_are_metrics() {
    let server = start(Router::new(), []).await;
    let scrape = Scrape::of(&server).await;
    let labels = [
        "program=\"server\"",
        "version=\"1.2.3\"",
        "commit=\"0123456789ab\"",
    ];
    assert_eq!(scrape.value("build_info", &labels), 1.0);
    for name in [
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_start_time_seconds",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
    ] {
        assert!(scrape.value(name, &[]) > 0.0, "{name}");
    }
    assert!(scrape.value("process_cpu_seconds_total", &[]) >= 0.0);
    assert_eq!(scrape.value("log_lines_dropped_total", &[]), 0.0);
    let certificate = "tls_server_certificate_not_after_timestamp_seconds";
    assert_eq!(scrape.sum(certificate, &[]), None);
}

#[tokio::test]
async fn scrapers_get_openmetrics_and_people_the_classic_format() {
    let server = start(Router::new().route("/", get("")), []).await;
    get_ok(&server, "/").await;
    let counted = |it: &Scrape| it.sum(REQUESTS, &[]) == Some(1.0);
    let classic = Scrape::until(&server, counted).await;
    let openmetrics = Scrape::openmetrics(&server).await;
    assert!(openmetrics.0.ends_with("# EOF\n"));
    assert!(
        openmetrics
            .0
            .contains("# TYPE tls_server_handshakes counter\n")
    );
    assert!(
        classic
            .0
            .contains("# TYPE tls_server_handshakes_total counter\n")
    );
    assert!(!classic.0.contains("# EOF"));
    let without_values = |it: &Scrape| it.series().into_iter().map(String::from).collect();
    let (classic, openmetrics): (BTreeSet<_>, BTreeSet<_>) =
        (without_values(&classic), without_values(&openmetrics));
    assert_eq!(classic, openmetrics);

    let response = http1()
        .get(server.admin_url("/metrics"))
        .send()
        .await
        .unwrap();
    let content_type = &response.headers()["content-type"];
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
}

#[tokio::test]
async fn metrics_can_be_off() {
    let server = start(Router::new().route("/", get("")), ["--metrics", "off"]).await;
    get_ok(&server, "/").await;
    let response = http1()
        .get(server.admin_url("/metrics"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("--metrics on"));
}

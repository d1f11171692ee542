//! The state of the process on the admin listener: the log's filter, the settings
//! and profiles.

mod support;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use support::{connect, greeter, named, process::Process};
use testkit::{clients::http1, soon};
use tokio::task::spawn_blocking;

async fn put_log(server: &Process, filter: impl Into<reqwest::Body>) -> (StatusCode, String) {
    let request = http1().put(server.admin_url("/log")).body(filter);
    let response = soon(request.send()).await.unwrap();
    (response.status(), response.text().await.unwrap())
}

async fn get(client: &Client, server: &Process, path: &str) -> (StatusCode, String) {
    let response = soon(client.get(server.admin_url(path)).send())
        .await
        .unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_filter_of_the_log_is_changed_at_run_time() {
    let server = Process::start(&[]);
    let client = http1();
    let ok = |text: &str| (StatusCode::OK, text.to_owned());
    assert_eq!(get(&client, &server, "/log").await, ok("info\n"));
    assert_eq!(
        put_log(&server, "info,access=off").await,
        ok("info,access=off\n")
    );
    let channel = connect(server.address).await;
    let mut greeter = greeter(&channel);
    greeter.say_hello(named("Alice")).await.unwrap();
    assert_eq!(put_log(&server, "debug").await, ok("debug\n"));
    greeter.say_hello(named("Alice")).await.unwrap();
    let log = soon(spawn_blocking(|| server.finish())).await.unwrap();
    assert_eq!(log.matches(r#""message":"request""#).count(), 1, "{log}");
    assert_eq!(
        log.matches("the filter of the log has changed").count(),
        2,
        "{log}"
    );
    // Peers could fill the log with the lines of these libraries.
    assert!(!log.contains(r#""target":"h"#), "{log}");
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_change_the_filter() {
    let server = Process::start(&[]);
    let put = http1()
        .put(server.admin_url("/log"))
        .header("origin", "http://localhost:9090")
        .body("off");
    let response = put.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(response.text().await.unwrap().contains("use curl"));
    assert_eq!(get(&http1(), &server, "/log").await.1, "info\n");
}

#[tokio::test]
async fn a_bad_filter_is_refused_and_the_old_one_stays() {
    let server = Process::start(&[]);
    let (status, problem) = put_log(&server, "info,hyper=loud").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let problem: Value = problem.parse().unwrap();
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("hyper=loud") && detail.contains("try info"),
        "{detail}"
    );
    let (status, _) = put_log(&server, "x".repeat(5000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let (status, _) = put_log(&server, &b"\xff"[..]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (_, filter) = get(&http1(), &server, "/log").await;
    assert_eq!(filter, "info\n");
}

#[tokio::test]
async fn rust_log_is_the_filter_unless_a_flag_is() {
    let variables = [("RUST_LOG", "info,access=off")];
    for (flags, expected) in [
        (&[][..], "info,access=off\n"),
        (&["--log", "debug"], "debug\n"),
    ] {
        let server = Process::start_with(flags, &variables);
        assert_eq!(get(&http1(), &server, "/log").await.1, expected);
    }
}

#[tokio::test]
async fn settings_and_profiles_are_off_by_default() {
    let server = Process::start(&[]);
    for path in ["/config", "/debug/pprof/profile?seconds=1"] {
        assert_eq!(get(&http1(), &server, path).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn shows_the_settings_without_secrets() {
    let variables = [
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20secret",
        ),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
        ("RUST_LOG", "info,h2=off"),
    ];
    let server = Process::start_with(&["--admin-debug"], &variables);
    let (status, config) = get(&http1(), &server, "/config").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!config.contains("secret"), "{config}");
    let config: Value = config.parse().unwrap();
    let flag = |values: &[&str], source: &str| json!({"values": values, "source": source});
    let flags = &config["flags"];
    assert_eq!(flags["--drain-delay"], flag(&["0s"], "command line"));
    assert_eq!(flags["--log"], flag(&["info,h2=off"], "environment"));
    assert_eq!(flags["--call-timeout"], flag(&["1m"], "default"));
    assert_ne!(flags["--max-connections"]["values"], json!([]));
    let environment = &config["environment"];
    assert_eq!(environment["OTEL_EXPORTER_OTLP_HEADERS"], "[redacted]");
    assert_eq!(
        environment["OTEL_RESOURCE_ATTRIBUTES"],
        "deployment.environment.name=test"
    );
}

#[tokio::test]
async fn records_one_profile_at_a_time() {
    let server = Process::start(&["--admin-debug"]);
    let client = http1();
    for query in ["seconds=0", "seconds=61", "seconds=x"] {
        let path = format!("/debug/pprof/profile?{query}");
        let (status, problem) = get(&client, &server, &path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(problem.contains("from 1 to 60"), "{problem}");
    }
    let url = server.admin_url("/debug/pprof/profile?seconds=1");
    let profile = async || soon(client.get(&url).send()).await.unwrap();
    let (first, second) = tokio::join!(profile(), profile());
    let statuses = [first.status(), second.status()];
    assert!(statuses.contains(&StatusCode::OK), "{statuses:?}");
    assert!(statuses.contains(&StatusCode::CONFLICT), "{statuses:?}");
    let profile = if first.status() == StatusCode::OK {
        first
    } else {
        second
    };
    let bytes = profile.bytes().await.unwrap();
    assert!(bytes.starts_with(&[0x1f, 0x8b]), "gzip: {bytes:?}");
}

//! What one caller can take: requests that wait, the time and the chunks of a
//! stream.

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use clap::Parser;
use hello_server::{App, Config};
use reqwest::StatusCode;
use support::{exchange, problem, start};
use testkit::{
    clients::{h2c, http1, raw},
    soon,
};
use tower::ServiceExt;

#[tokio::test]
async fn refuses_more_waiting_requests_than_the_limit() {
    let hello = start(["--max-waiting", "2"]).await;
    let client = h2c();
    // The first line of a stream shows that it holds its permit.
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let response = client.get(hello.url("/stream/10?interval=30")).send().await;
        waiting.push(response.unwrap());
    }
    for path in ["/delay/30", "/stream/2?interval=30"] {
        let response = http1().get(hello.url(path)).send();
        let response = soon(response).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "30");
        let (detail, _) = problem(response).await;
        assert!(detail.contains("--max-waiting"), "{detail}");
    }
    for path in ["/stream/10000", "/stream/1", "/any"] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
    drop(waiting);
    let served = async || http1().get(hello.url("/delay/0")).send().await.unwrap();
    soon(async { while served().await.status() != StatusCode::OK {} }).await;
}

#[tokio::test]
async fn refuses_a_stream_that_takes_longer_than_five_minutes() {
    let hello = start([]).await;
    for path in ["/stream/10000?interval=30", "/stream/12?interval=30"] {
        let response = soon(http1().get(hello.url(path)).send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let (detail, _) = problem(response).await;
        assert!(detail.contains("the limit is 300s"), "{detail}");
    }
    for path in ["/stream/11?interval=30", "/stream/10000?interval=0.03"] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn streams_lines_without_an_interval_in_large_chunks() {
    let hello = start([]).await;
    let response = raw(hello.public, "GET /stream/10000 HTTP/1.1").await;
    let (_, mut rest) = response.split_once("\r\n\r\n").unwrap();
    let (mut sizes, mut text) = (Vec::new(), String::new());
    while let Some((size, chunk)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        text += &chunk[..size];
        rest = &chunk[size + 2..];
        sizes.push(size);
    }
    let lines = (1..=10_000).map(|line| format!("line {line} of 10000 from hello-1"));
    assert!(text.lines().eq(lines));
    let [chunks @ .., _last, end] = &sizes[..] else {
        panic!("{sizes:?}");
    };
    assert_eq!(*end, 0);
    assert!(
        chunks.iter().all(|size| (4096..8192).contains(size)),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn an_empty_stream_has_no_lines() {
    let hello = start([]).await;
    for path in ["/stream/0", "/stream/0?interval=1"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let response = exchange(hello.public, request).await;
        assert!(response.ends_with("\r\n\r\n0\r\n\r\n"), "{response}");
    }
}

#[tokio::test]
async fn a_stream_yields_to_other_tasks() {
    let config = Config::parse_from(["hello-server"]);
    let telemetry = hello_server::telemetry(&config).unwrap();
    let request = axum::extract::Request::get("/stream/10000")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = App::new(config, telemetry).routes().oneshot(request).await;
    let ran = Arc::new(AtomicBool::new(false));
    let other = ran.clone();
    // The runtime has one thread: the other task runs only while this one yields.
    tokio::spawn(async move { other.store(true, Ordering::Relaxed) });
    axum::body::to_bytes(response.unwrap().into_body(), usize::MAX)
        .await
        .unwrap();
    assert!(ran.load(Ordering::Relaxed));
}

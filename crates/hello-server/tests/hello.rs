//! Every other path is greeted, with its target unchanged.

mod support;

use reqwest::{StatusCode, Version};
use support::{problem, start};
use testkit::clients::{h2c, http1, raw};

#[tokio::test]
async fn greets_the_target_with_its_query_over_http1_and_h2c() {
    let hello = start([]).await;
    for (client, version) in [(http1(), Version::HTTP_11), (h2c(), Version::HTTP_2)] {
        for target in [
            "/",
            "/any/path?x=1",
            "/a%20b?q=%3Cb%3E&q=&r",
            "/greet",
            "/greet/a/b",
            "/echo/",
            "/?",
        ] {
            let response = client.get(hello.url(target)).send().await.unwrap();
            assert_eq!(response.version(), version);
            assert_eq!(response.status(), StatusCode::OK);
            let headers = response.headers();
            assert_eq!(headers["content-type"], "text/html; charset=utf-8");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            let body = response.text().await.unwrap();
            assert_eq!(body, format!("Hello World! {target}"), "{version:?}");
        }
    }
}

#[tokio::test]
async fn leaves_the_target_unchanged() {
    let hello = start([]).await;
    for target in ["/a/../b//c", "/%zz?%", "http://example.com/a?b=c", "/?a?b"] {
        let response = raw(hello.public, &format!("GET {target} HTTP/1.1")).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        let end = format!("\r\n\r\nHello World! {target}");
        assert!(response.ends_with(&end), "{response}");
    }
}

#[tokio::test]
async fn refuses_a_target_that_could_be_markup() {
    let hello = start([]).await;
    for target in ["/<script>", "/?<script>", "http://example.com/<b>"] {
        let response = raw(hello.public, &format!("GET {target} HTTP/1.1")).await;
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        assert!(!response.contains("Hello World!"), "{response}");
    }
}

#[tokio::test]
async fn refuses_other_methods_than_get_and_head() {
    let hello = start([]).await;
    for client in [http1(), h2c()] {
        let response = client.post(hello.url("/any")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()["allow"], "GET,HEAD");
        let (detail, _) = problem(response).await;
        assert_eq!(detail, "POST is not allowed here; send GET or HEAD");
    }
}

#[tokio::test]
async fn responds_to_head_with_the_length_and_no_body() {
    let hello = start([]).await;
    let response = raw(hello.public, "HEAD /any HTTP/1.1").await;
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    let length = format!("content-length: {}\r\n", "Hello World! /any".len());
    assert!(response.contains(&length), "{response}");
    assert!(response.ends_with("\r\n\r\n"), "{response}");
}

//! The routes that exercise a mesh: /echo, /status, /delay and /stream.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{problem, start};
use testkit::{
    Service,
    clients::{h2c, http1, raw},
};

#[tokio::test]
async fn echoes_the_request_and_its_own_host_name() {
    let hello = start([]).await;
    for (client, version) in [(http1(), "HTTP/1.1"), (h2c(), "HTTP/2.0")] {
        let request = client
            .request(Method::PUT, hello.url("/echo?a=b&c"))
            .header("x-twice", "one")
            .header("x-twice", "two")
            .send();
        let echo: Value = request.await.unwrap().json().await.unwrap();
        assert_eq!(echo["method"], "PUT");
        assert_eq!(echo["path"], "/echo");
        assert_eq!(echo["query"], "a=b&c");
        assert_eq!(echo["version"], version);
        assert_eq!(echo["host"], hello.public.to_string());
        assert_eq!(echo["headers"]["x-twice"], json!(["one", "two"]));
        assert_eq!(echo["served_by"], "hello-1");
    }
}

#[tokio::test]
async fn hides_credentials_and_the_identities_of_the_mesh() {
    let secrets = ["authorization", "cookie", "x-forwarded-client-cert"];
    let echo = async |hello: &Service| -> Value {
        let mut request = http1().get(hello.url("/echo"));
        for name in secrets {
            request = request.header(name, "secret");
        }
        request.send().await.unwrap().json().await.unwrap()
    };
    let hidden = echo(&start([]).await).await;
    assert!(!hidden.to_string().contains("\"secret\""), "{hidden}");
    assert_eq!(hidden["hidden"], json!(secrets));

    let shown = echo(&start(["--echo-credentials"]).await).await;
    for name in secrets {
        assert_eq!(shown["headers"][name], json!(["secret"]));
    }
    assert_eq!(shown.get("hidden"), None);
}

#[tokio::test]
async fn returns_the_requested_status() {
    let hello = start([]).await;
    for (code, body) in [
        (200, "200 OK\n"),
        (418, "418 I'm a teapot\n"),
        (503, "503 Service Unavailable\n"),
        (599, "599 <unknown status code>\n"),
    ] {
        let url = hello.url(&format!("/status/{code}"));
        let response = http1().post(url).send().await.unwrap();
        assert_eq!(response.status(), code);
        assert_eq!(response.text().await.unwrap(), body);
    }
}

#[tokio::test]
async fn frames_a_status_without_content_as_http_requires() {
    let hello = start([]).await;
    for (code, length) in [(204, None), (205, Some("0")), (304, None)] {
        let path = format!("/status/{code}");
        for client in [http1(), h2c()] {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                let response = client.request(method, hello.url(&path)).send();
                let response = response.await.unwrap();
                assert_eq!(response.status(), code);
                let header = |name| Some(response.headers().get(name)?.to_str().unwrap());
                assert_eq!(header("content-length"), length, "{code}");
                assert_eq!(header("content-type"), None, "{code}");
                assert_eq!(header("transfer-encoding"), None, "{code}");
            }
        }
        // Nothing follows the head.
        let response = raw(hello.public, &format!("GET {path} HTTP/1.1")).await;
        assert!(response.ends_with("\r\n\r\n"), "{response}");
    }
}

#[tokio::test]
async fn refuses_a_status_that_is_not_final() {
    let hello = start([]).await;
    for code in ["99", "101", "199", "600", "abc", "-200"] {
        let url = hello.url(&format!("/status/{code}"));
        let response = http1().get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{code}");
        let (error, _) = problem(response).await;
        assert!(error.contains("from 200 to 599"), "{error}");
    }
}

#[tokio::test]
async fn waits_for_the_requested_time() {
    let hello = start([]).await;
    let body = async |path: &str| {
        http1()
            .get(hello.url(path))
            .send()
            .await
            .unwrap()
            .text()
            .await
    };
    assert_eq!(body("/delay/0").await.unwrap(), "waited 0ns\n");
    assert_eq!(body("/delay/0.001").await.unwrap(), "waited 1ms\n");
}

#[tokio::test]
async fn refuses_a_delay_that_is_not_a_time() {
    let hello = start([]).await;
    for path in ["/delay/-1", "/delay/soon", "/stream/1?interval=NaN"] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let (error, _) = problem(response).await;
        assert!(error.contains("seconds"), "{error}");
    }
}

#[tokio::test]
async fn streams_lines_with_an_interval_in_chunks_of_their_own() {
    let hello = start([]).await;
    let response = raw(hello.public, "GET /stream/3?interval=0.001 HTTP/1.1").await;
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    let chunk = |n| {
        let line = format!("line {n} of 3 from hello-1\n");
        format!("{:X}\r\n{line}\r\n", line.len())
    };
    assert_eq!(body, chunk(1) + &chunk(2) + &chunk(3) + "0\r\n\r\n");
}

#[tokio::test]
async fn refuses_more_lines_than_it_may_stream() {
    let hello = start([]).await;
    for n in ["10001", "-1", "many"] {
        let response = h2c().get(hello.url(&format!("/stream/{n}"))).send();
        let response = response.await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{n}");
        let (error, _) = problem(response).await;
        assert!(error.contains("10000"), "{error}");
    }
}

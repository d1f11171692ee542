//! CORS for gRPC-Web, which is off by default.

mod support;

use reqwest::{Method, Response};
use support::{named, start};
use testkit::{Service, clients::http1, grpc::framed};

const ORIGIN: &str = "https://app.example.com";

/// What a browser sends before a page of this origin may call.
async fn preflight(server: &Service, origin: &str) -> Response {
    let url = server.url("/helloworld.Greeter/SayHello");
    let request = http1()
        .request(Method::OPTIONS, url)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "content-type,x-grpc-web,grpc-timeout",
        );
    request.send().await.unwrap()
}

async fn call(server: &Service, origin: &str, name: &str) -> Response {
    let request = http1()
        .post(server.url("/helloworld.Greeter/SayHello"))
        .header("origin", origin)
        .header("content-type", "application/grpc-web+proto")
        .body(framed(&named(name)));
    request.send().await.unwrap()
}

/// The header that lets a page of an origin read the response.
fn allowed(response: &Response) -> Option<&str> {
    let origin = response.headers().get("access-control-allow-origin")?;
    Some(origin.to_str().unwrap())
}

#[tokio::test]
async fn lets_pages_of_the_given_origins_call() {
    let other = "http://localhost:5173";
    let server = start(["--cors-origin", ORIGIN, "--cors-origin", other]).await;
    for origin in [ORIGIN, other] {
        let response = preflight(&server, origin).await;
        assert!(response.status().is_success());
        assert_eq!(allowed(&response), Some(origin));
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-methods"], "POST");
        let names = headers["access-control-allow-headers"].to_str().unwrap();
        for name in ["content-type", "x-grpc-web", "grpc-timeout"] {
            assert!(names.split(',').any(|it| it == name), "{names}");
        }

        // Also a status that is in the headers.
        for name in ["Alice", "a\nb"] {
            let response = call(&server, origin, name).await;
            assert_eq!(allowed(&response), Some(origin));
            let exposed = &response.headers()["access-control-expose-headers"];
            let names = exposed.to_str().unwrap();
            for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
                assert!(names.split(',').any(|it| it == name), "{names}");
            }
        }
    }
}

#[tokio::test]
async fn lets_no_other_origin_call() {
    let server = start(["--cors-origin", ORIGIN]).await;
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.com.evil",
    ] {
        assert_eq!(allowed(&preflight(&server, origin).await), None);
        assert_eq!(allowed(&call(&server, origin, "Alice").await), None);
    }
}

#[tokio::test]
async fn is_off_by_default() {
    let server = start([]).await;
    let response = preflight(&server, ORIGIN).await;
    assert_eq!(response.status(), 405);
    assert_eq!(allowed(&response), None);
    assert_eq!(allowed(&call(&server, ORIGIN, "Alice").await), None);
}

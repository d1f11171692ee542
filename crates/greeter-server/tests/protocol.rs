//! Requests that are not gRPC, and methods that do not exist.

mod support;

use reqwest::{Method, Response, StatusCode};
use support::{named, start};
use testkit::{
    Service,
    clients::{h2c, http1},
    grpc::framed,
};

const SAY_HELLO: &str = "/helloworld.Greeter/SayHello";

/// The response to a greeting with this method, path and content type.
async fn call(server: &Service, method: Method, path: &str, content_type: &str) -> Response {
    let request = h2c()
        .request(method, server.url(path))
        .header("content-type", content_type)
        .header("te", "trailers")
        .body(framed(&named("Alice")));
    request.send().await.unwrap()
}

#[tokio::test]
async fn refuses_a_content_type_that_is_not_grpc() {
    let server = start([]).await;
    for content_type in [
        "",
        "text/plain",
        "application/json",
        "application/grpcweb",
        "application/grpc-other",
    ] {
        let response = call(&server, Method::POST, SAY_HELLO, content_type).await;
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(response.headers()["grpc-status"], "3", "{content_type}");
    }
    let url = server.url(SAY_HELLO);
    for client in [h2c(), http1()] {
        let response = client.post(&url).body("").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    for content_type in [
        "application/grpc",
        "application/grpc+proto",
        "Application/gRPC; charset=utf-8",
        "application/grpc-web+proto",
    ] {
        let response = call(&server, Method::POST, SAY_HELLO, content_type).await;
        assert_eq!(response.status(), StatusCode::OK, "{content_type}");
        assert_eq!(response.headers()["hostname"], "greeter-1");
    }
}

#[tokio::test]
async fn refuses_a_method_other_than_post() {
    let server = start([]).await;
    for content_type in ["application/grpc", "application/grpc-web", "text/plain"] {
        for method in [Method::GET, Method::PUT, Method::OPTIONS, Method::HEAD] {
            let response = call(&server, method, SAY_HELLO, content_type).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(response.headers()["allow"], "POST", "{content_type}");
        }
    }
}

#[tokio::test]
async fn names_the_method_or_service_that_it_does_not_implement() {
    let server = start([]).await;
    for (path, message) in [
        (
            "/helloworld.Greeter/SayBye",
            "unknown method SayBye for service helloworld.Greeter",
        ),
        ("/other.Service/Call", "unknown service other.Service"),
    ] {
        for content_type in ["application/grpc", "application/grpc-web"] {
            let response = call(&server, Method::POST, path, content_type).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["grpc-status"], "12");
            let text = response.headers()["grpc-message"].to_str().unwrap();
            assert_eq!(text.replace("%20", " "), message);
        }
    }
}

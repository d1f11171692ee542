//! Every error of the HTTP API is a problem (RFC 9457).

mod support;

use reqwest::{Method, StatusCode};
use support::{problem, start};
use testkit::clients::{h2c, http1};

#[tokio::test]
async fn a_path_that_is_not_utf8_is_a_problem() {
    let hello = start([]).await;
    for path in ["/greet/%ff", "/status/%ff", "/delay/%ff", "/stream/%ff"] {
        for client in [http1(), h2c()] {
            let response = client.get(hello.url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
            let (detail, _) = problem(response).await;
            assert!(detail.contains("UTF-8"), "{detail}");
        }
    }
}

#[tokio::test]
async fn a_query_key_that_comes_twice_is_a_problem() {
    let hello = start([]).await;
    for (path, key) in [
        ("/stream/1?interval=1&interval=2", "interval"),
        ("/greet/Bob?stream=1&a=b&str%65am=2", "stream"),
    ] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let (detail, _) = problem(response).await;
        let expected = format!(
            "Failed to deserialize query string: duplicate field `{key}`; \
             send each parameter at most once"
        );
        assert_eq!(detail, expected);
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_a_problem() {
    let hello = start([]).await;
    for path in ["/greet/Alice", "/stream/1", "/any"] {
        for method in [Method::POST, Method::DELETE, Method::OPTIONS] {
            let request = http1().request(method, hello.url(path));
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(response.headers()["allow"], "GET,HEAD");
            problem(response).await;
        }
    }
}

#[tokio::test]
async fn every_response_forbids_to_guess_its_type() {
    let hello = start([]).await;
    for path in ["/", "/echo", "/status/200", "/delay/0", "/stream/1"] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(
            response.headers()["x-content-type-options"],
            "nosniff",
            "{path}"
        );
    }
    for path in ["/livez", "/version", "/missing"] {
        let response = http1().get(hello.admin_url(path)).send().await.unwrap();
        assert_eq!(
            response.headers()["x-content-type-options"],
            "nosniff",
            "{path}"
        );
    }
}

//! /greet/{name}: the greeting, the tracing headers and the deadline.

mod support;

use std::time::Duration;

use greeter_proto::parse_timeout;
use serde_json::{Value, json};
use support::{recorder::Recorder, start, start_greeter};
use testkit::clients::{h2c, http1};

#[tokio::test]
async fn returns_the_greeting_and_both_host_names() {
    let greeter = start_greeter().await;
    let hello = start(["--greeter", &greeter]).await;
    for client in [http1(), h2c()] {
        for (path, message) in [
            ("/greet/Alice", "Hello Alice"),
            ("/greet/J%C3%BCrgen%20%2F", "Hello Jürgen /"),
        ] {
            let response = client.get(hello.url(path)).send().await.unwrap();
            assert_eq!(response.status(), 200);
            let greeting: Value = response.json().await.unwrap();
            let expected = json!({"message": message, "from": "greeter-1", "via": "hello-1"});
            assert_eq!(greeting, expected);
        }
    }
}

#[tokio::test]
async fn a_name_that_needs_no_decoding_gets_the_same_response() {
    let greeter = start_greeter().await;
    let refused = "http://127.0.0.1:1";
    for (greeter, status) in [(greeter.as_str(), 200), (refused, 503)] {
        let hello = start(["--greeter", greeter]).await;
        let mut responses = Vec::new();
        for path in ["/greet/Alice", "/greet/%41lice"] {
            let mut response = http1().get(hello.url(path)).send().await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            response.headers_mut().remove("date");
            let headers = response.headers().clone();
            responses.push((headers, response.text().await.unwrap()));
        }
        assert_eq!(responses[0], responses[1]);
    }
}

#[tokio::test]
async fn ignores_the_parameters_of_other_routes() {
    let greeter = start_greeter().await;
    let hello = start(["--greeter", &greeter]).await;
    for path in [
        "/greet/Bob?interval=1&interval=2",
        "/greet/Bob?a&a&%ff=%zz",
        "/stream/1?stream=1&stream=2&a&a",
    ] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn forwards_the_tracing_headers_and_no_others() {
    let mut greeter = Recorder::start().await;
    let hello = start(["--greeter", &greeter.url]).await;
    let tracing = ["traceparent", "tracestate", "x-request-id", "b3"];
    let mut request = http1().get(hello.url("/greet/Alice"));
    for name in tracing {
        request = request.header(name, format!("the {name}"));
    }
    request = request.header("cookie", "secret").header("x-other", "1");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let metadata = greeter.call().await;
    for name in tracing {
        assert_eq!(metadata.get(name).unwrap(), &format!("the {name}"));
    }
    assert!(metadata.get("cookie").is_none());
    assert!(metadata.get("x-other").is_none());
}

#[tokio::test]
async fn forwards_the_remaining_time() {
    let mut greeter = Recorder::start().await;
    let hello = start(["--greeter", &greeter.url, "--greeter-timeout", "7s"]).await;
    let mut seen = async |headers: &[(&str, &str)]| {
        let mut request = http1().get(hello.url("/greet/Alice"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{headers:?}");
        let timeout = greeter.call().await.get("grpc-timeout").cloned();
        parse_timeout(timeout.unwrap().to_str().unwrap()).unwrap()
    };
    let envoy = "x-envoy-expected-rq-timeout-ms";
    for (headers, seconds) in [
        (&[][..], 7),
        (&[("grpc-timeout", "3S")], 3),
        (&[(envoy, "4000")], 4),
        (&[(envoy, "4000"), ("grpc-timeout", "3S")], 3),
    ] {
        let timeout = seen(headers).await;
        let limit = Duration::from_secs(seconds);
        assert!(
            timeout <= limit && timeout > limit / 2,
            "{headers:?}: {timeout:?}"
        );
    }
}

#[tokio::test]
async fn caps_the_timeout_of_a_caller() {
    let mut greeter = Recorder::start().await;
    let hello = start(["--greeter", &greeter.url]).await;
    for (name, value) in [
        ("x-envoy-expected-rq-timeout-ms", u64::MAX.to_string()),
        ("grpc-timeout", "99999999H".to_owned()),
    ] {
        let request = http1().get(hello.url("/greet/Alice")).header(name, value);
        assert_eq!(request.send().await.unwrap().status(), 200);
        let timeout = greeter.call().await.get("grpc-timeout").cloned();
        let timeout = parse_timeout(timeout.unwrap().to_str().unwrap()).unwrap();
        assert!(timeout <= Duration::from_secs(60), "{timeout:?}");
    }
}

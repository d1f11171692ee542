//! The spans of /greet/{name}, and the trace context that it passes on.

mod support;

use clap::Parser;
use hello_server::Config;
use service_kit::Listeners;
use support::{recorder::Recorder, serve_greeter_with};
use testkit::{Service, any_port, clients::http1, otlp::Receiver, soon};
use tokio::net::TcpListener;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{SPAN}-{flags}")
}

/// A hello server that exports to this receiver.
async fn start(greeter: &str, receiver: &Receiver, protocol: &str) -> Service {
    let mut config =
        Config::parse_from(["hello-server", "--greeter", greeter, "--drain-delay", "0s"]);
    config.service.telemetry.environment = receiver.variables(protocol).into_iter().collect();
    Service::start(|public, admin, shutdown| {
        hello_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

#[tokio::test]
async fn http_in_and_grpc_out_are_one_trace() {
    for protocol in ["grpc", "http/protobuf"] {
        let receiver = Receiver::start().await;
        let public = TcpListener::bind(any_port()).await.unwrap();
        let url = format!("http://{}", public.local_addr().unwrap());
        serve_greeter_with(public, receiver.variables(protocol)).await;
        let hello = start(&url, &receiver, protocol).await;
        let request = http1().get(hello.url("/greet/Ann?token=secret"));
        let request = request
            .header("traceparent", traceparent("01"))
            .header("tracestate", "vendor=1");
        assert_eq!(soon(request.send()).await.unwrap().status(), 200);

        let spans = receiver.wait_for(3).await;
        assert_eq!(spans.len(), 3, "{spans:#?}");
        let find = |service, kind| {
            let found = spans
                .iter()
                .find(|it| (it.service.as_str(), it.kind) == (service, kind));
            found.unwrap_or_else(|| panic!("{service} {kind}: {spans:#?}"))
        };
        let server = find("hello-server", "SERVER");
        let client = find("hello-server", "CLIENT");
        let greeter = find("greeter-server", "SERVER");
        assert_eq!(server.parent, SPAN);
        assert_eq!(client.parent, server.span_id);
        assert_eq!(greeter.parent, client.span_id);
        for span in &spans {
            assert_eq!(span.trace_id, TRACE);
            assert_eq!(span.state, "vendor=1");
            assert!(!span.failed && span.nanoseconds > 0, "{span:#?}");
            assert!(!format!("{span:?}").contains("secret"), "{span:#?}");
        }

        assert_eq!(server.name, "GET /greet/{name}");
        assert_eq!(server.attribute("http.request.method"), "GET");
        assert_eq!(server.attribute("http.route"), "/greet/{name}");
        assert_eq!(server.attribute("url.path"), "/greet/Ann");
        assert_eq!(server.attribute("http.response.status_code"), "200");
        assert_eq!(server.attribute("network.protocol.version"), "1.1");
        let port = hello.public.port().to_string();
        assert_eq!(server.attribute("server.port"), port);
        for span in [client, greeter] {
            assert_eq!(span.name, "helloworld.Greeter/SayHello");
            assert_eq!(span.attribute("rpc.system.name"), "grpc");
            assert_eq!(span.attribute("rpc.method"), "helloworld.Greeter/SayHello");
            assert_eq!(span.attribute("rpc.response.status_code"), "OK");
        }
        assert_eq!(client.attribute("server.address"), "127.0.0.1");
    }
}

#[tokio::test]
async fn passes_b3_on_as_b3() {
    let receiver = Receiver::start().await;
    let mut greeter = Recorder::start().await;
    let hello = start(&greeter.url, &receiver, "grpc").await;
    let request = http1().get(hello.url("/greet/Ann"));
    let request = request
        .header("x-b3-traceid", TRACE)
        .header("x-b3-spanid", SPAN)
        .header("x-b3-sampled", "1")
        .header("baggage", "tenant=7")
        .header("x-request-id", "request-1");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let metadata = greeter.call().await;
    let client = receiver.span(|span| span.kind == "CLIENT").await;
    assert_eq!(client.trace_id, TRACE);
    assert_eq!(metadata.get("x-b3-traceid").unwrap(), TRACE);
    assert_eq!(metadata.get("x-b3-spanid").unwrap(), &client.span_id);
    assert_eq!(metadata.get("x-b3-parentspanid").unwrap(), &client.parent);
    assert_eq!(metadata.get("x-b3-sampled").unwrap(), "1");
    assert_eq!(metadata.get("baggage").unwrap(), "tenant=7");
    assert_eq!(metadata.get("x-request-id").unwrap(), "request-1");
    assert!(metadata.get("traceparent").is_none());
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_has_no_spans_and_is_passed_on() {
    let receiver = Receiver::start().await;
    let mut greeter = Recorder::start().await;
    let hello = start(&greeter.url, &receiver, "grpc").await;
    for flags in ["00", "01"] {
        let request = http1().get(hello.url("/greet/Ann"));
        let request = request.header("traceparent", traceparent(flags));
        assert_eq!(request.send().await.unwrap().status(), 200);
        let metadata = greeter.call().await;
        let passed = metadata.get("traceparent").unwrap().to_str().unwrap();
        assert!(passed.starts_with(&format!("00-{TRACE}-")), "{passed}");
        assert!(passed.ends_with(&format!("-{flags}")), "{passed}");
    }
    // The spans of the second request only.
    let spans = receiver.wait_for(2).await;
    assert_eq!(spans.len(), 2, "{spans:#?}");
}

#[tokio::test]
async fn a_call_that_fails_is_an_error_in_both_spans() {
    let receiver = Receiver::start().await;
    let nobody = TcpListener::bind(any_port()).await.unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let hello = start(&url, &receiver, "grpc").await;
    let response = http1().get(hello.url("/greet/Ann")).send().await.unwrap();
    assert_eq!(response.status(), 503);
    let client = receiver.span(|span| span.kind == "CLIENT").await;
    assert!(client.failed);
    assert_eq!(client.attribute("rpc.response.status_code"), "UNAVAILABLE");
    assert_eq!(client.attribute("error.type"), "UNAVAILABLE");
    let server = receiver.span(|span| span.kind == "SERVER").await;
    assert!(server.failed);
    assert_eq!(server.attribute("error.type"), "503");
    assert_eq!(
        (server.parent.as_str(), &client.parent),
        ("", &server.span_id)
    );
}

#[tokio::test]
async fn flushes_the_spans_at_the_end_of_a_drain() {
    let receiver = Receiver::start().await;
    let variables = receiver.variables("grpc").into_iter();
    // The next export would be an hour later.
    let variables = variables.map(|(name, value)| match name.as_str() {
        "OTEL_BSP_SCHEDULE_DELAY" => (name, "3600000".to_owned()),
        _ => (name, value),
    });
    let mut config = Config::parse_from(["hello-server", "--drain-delay", "0s"]);
    config.service.telemetry.environment = variables.collect();
    let hello = Service::start(|public, admin, shutdown| {
        hello_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await;
    let response = http1().get(hello.url("/")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    soon(hello.stop()).await.unwrap().unwrap();
    assert_eq!(receiver.spans().len(), 1);
}

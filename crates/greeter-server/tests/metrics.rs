//! The metrics of calls: their methods, statuses and messages.

mod support;

use support::{connect, greeter, health, named, names, of, start};
use testkit::{Service, clients::http1, grpc::framed, metrics::Scrape, random, soon};
use tonic::Code;

const CALLS: &str = "rpc_server_call_duration_seconds_count";
const MESSAGES: &str = "rpc_server_messages_total";

fn labels(method: &str, code: &str) -> [String; 3] {
    [
        "rpc_system_name=\"grpc\"".to_owned(),
        format!("rpc_method=\"{method}\""),
        format!("rpc_response_status_code=\"{code}\""),
    ]
}

/// Waits until `count` calls of a method ended with a status.
async fn counted(server: &Service, method: &str, code: &str, count: f64) -> Scrape {
    let labels = labels(method, code);
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    Scrape::until(server, |it| it.sum(CALLS, &labels) == Some(count)).await
}

fn messages(scrape: &Scrape, method: &str) -> (f64, f64) {
    let method = format!("rpc_method=\"helloworld.Greeter/{method}\"");
    let of = |direction| scrape.value(MESSAGES, &[&method, direction]);
    (of("direction=\"received\""), of("direction=\"sent\""))
}

#[tokio::test]
async fn calls_are_counted_by_method_and_status() {
    let server = start([]).await;
    let channel = connect(server.public).await;
    let mut greeter = greeter(&channel);
    greeter.say_hello(named("Alice")).await.unwrap();
    greeter.say_hello(named("Bob")).await.unwrap();
    let refused = greeter.say_hello(named(&"x".repeat(5000))).await;
    let code = refused.unwrap_err().code();
    assert_ne!(code, Code::Ok);
    health(&channel).check(of("none")).await.unwrap_err();

    let scrape = counted(&server, "helloworld.Greeter/SayHello", "OK", 2.0).await;
    assert_eq!(messages(&scrape, "SayHello").1, 2.0);
    let name = greeter_proto::code_name(code);
    counted(&server, "helloworld.Greeter/SayHello", name, 1.0).await;
    let scrape = counted(&server, "grpc.health.v1.Health/Check", "NOT_FOUND", 1.0).await;
    // Calls are in no metric of HTTP.
    let http = "http_server_request_duration_seconds_count";
    assert_eq!(scrape.sum(http, &[]), None);
}

#[tokio::test]
async fn the_messages_of_streams_are_counted() {
    let server = start([]).await;
    let mut greeter = greeter(&connect(server.public).await);
    let mut replies = greeter
        .say_hello_stream_reply(named("Alice"))
        .await
        .unwrap();
    while replies.get_mut().message().await.unwrap().is_some() {}
    let method = "helloworld.Greeter/SayHelloStreamReply";
    let scrape = counted(&server, method, "OK", 1.0).await;
    assert_eq!(messages(&scrape, "SayHelloStreamReply"), (1.0, 5.0));

    let (sender, receiver) = names();
    for name in ["Alice", "Bob", "Carol"] {
        sender.send(named(name)).unwrap();
    }
    drop(sender);
    let mut replies = greeter.say_hello_bidi_stream(receiver).await.unwrap();
    while replies.get_mut().message().await.unwrap().is_some() {}
    let method = "helloworld.Greeter/SayHelloBidiStream";
    let scrape = counted(&server, method, "OK", 1.0).await;
    assert_eq!(messages(&scrape, "SayHelloBidiStream"), (3.0, 3.0));
}

#[tokio::test]
async fn a_call_that_the_client_leaves_is_cancelled() {
    let server = start([]).await;
    let mut greeter = greeter(&connect(server.public).await);
    let (_sender, receiver) = names();
    let replies = greeter.say_hello_bidi_stream(receiver).await.unwrap();
    let active = |it: &Scrape| it.value("http_server_active_requests", &[]) == 1.0;
    Scrape::until(&server, active).await;
    drop(replies);
    let method = "helloworld.Greeter/SayHelloBidiStream";
    counted(&server, method, "CANCELLED", 1.0).await;
}

#[tokio::test]
async fn the_status_of_grpc_web_is_read_from_the_body() {
    let server = start([]).await;
    let call = async |method: &str, kind: &str, body: Vec<u8>| {
        let request = http1()
            .post(server.url(&format!("/helloworld.Greeter/{method}")))
            .header("content-type", kind)
            .body(body);
        let response = soon(request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap();
    };
    let binary = "application/grpc-web+proto";
    call("SayHelloStreamReply", binary, framed(&named("Alice"))).await;
    let method = "helloworld.Greeter/SayHelloStreamReply";
    let scrape = counted(&server, method, "OK", 1.0).await;
    assert_eq!(messages(&scrape, "SayHelloStreamReply"), (1.0, 5.0));

    // The message that names Alice, in base64.
    let text = b"AAAAAAcKBUFsaWNl".to_vec();
    call("SayHello", "application/grpc-web-text", text).await;
    let scrape = counted(&server, "helloworld.Greeter/SayHello", "OK", 1.0).await;
    assert_eq!(messages(&scrape, "SayHello"), (1.0, 1.0));
}

#[tokio::test]
async fn an_exemplar_names_the_trace_of_a_sampled_call() {
    let server = start([]).await;
    let mut greeter = greeter(&connect(server.public).await);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    for (trace, flags) in [(trace, "01"), ("1af7651916cd43dd8448eb211c80319c", "00")] {
        let mut request = tonic::Request::new(named("Alice"));
        let traceparent = format!("00-{trace}-b7ad6b7169203331-{flags}");
        let traceparent = traceparent.parse().unwrap();
        request.metadata_mut().insert("traceparent", traceparent);
        greeter.say_hello(request).await.unwrap();
    }
    counted(&server, "helloworld.Greeter/SayHello", "OK", 2.0).await;
    let openmetrics = Scrape::openmetrics(&server).await.0;
    let exemplars: Vec<_> = openmetrics.split(" # {").skip(1).collect();
    assert_eq!(exemplars.len(), 1, "{openmetrics}");
    let expected = format!("trace_id=\"{trace}\"}} ");
    assert!(exemplars[0].starts_with(&expected), "{}", exemplars[0]);
}

#[tokio::test]
async fn random_paths_methods_and_hosts_add_no_series() {
    let prefixes = [
        "/",
        "/helloworld.Greeter/",
        "/helloworld.Greeter/SayHello",
        "/grpc.health.v1.Health/",
        "/other.Service/",
    ];
    let types = [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc-web",
        "text/plain",
    ];
    let server = start([]).await;
    random::requests(server.public, 0, &prefixes, &types).await;
    let before = Scrape::of(&server).await;
    random::requests(server.public, 10_000, &prefixes, &types).await;
    let all = |it: &Scrape| {
        let http = it.value("http_server_request_duration_seconds_count", &[]);
        http + it.value(CALLS, &[]) >= 10_000.0
    };
    let after = Scrape::until(&server, all).await;
    assert_eq!(before.series(), after.series());
    assert!(after.value(CALLS, &["rpc_method=\"_OTHER\""]) > 1000.0);
}

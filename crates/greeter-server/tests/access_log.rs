//! The access log of the process: one line for each request, within a rate.

mod support;

use std::time::Duration;

use greeter_proto::helloworld::greeter_client::GreeterClient;
use serde_json::{Value, json};
use support::{connect, greeter, health, named, names, of, process::Process};
use testkit::{clients::raw, soon};
use tokio::task::spawn_blocking;
use tonic::{Code, Request, transport::Endpoint};

/// A user agent, a request id and a name that would break lines if they were not
/// escaped.
const QUOTED: &str = "a\"b\\c";

/// The access lines of a process that stops.
async fn requests(process: Process) -> Vec<Value> {
    let log = soon(spawn_blocking(|| process.finish())).await.unwrap();
    let lines = log.lines().map(|line| line.parse::<Value>().unwrap());
    lines.filter(|it| it["message"] == "request").collect()
}

#[tokio::test]
async fn a_call_is_one_line_with_the_fields_of_google_cloud() {
    let server = Process::start_with(&[], &[("GOOGLE_CLOUD_PROJECT", "shop")]);
    let channel = connect(server.address).await;
    let mut request = Request::new(named("Alice"));
    let metadata = request.metadata_mut();
    metadata.insert("x-request-id", QUOTED.parse().unwrap());
    greeter(&channel).say_hello(request).await.unwrap();

    let lines = requests(server).await;
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(line["severity"], "INFO");
    assert_eq!(line["rpc"], "helloworld.Greeter/SayHello");
    assert_eq!(line["grpc_status"], "OK");
    assert_eq!(line["request_id"], QUOTED);
    assert_eq!(line["outcome"], Value::Null);
    let http = &line["httpRequest"];
    assert_eq!(http["requestMethod"], "POST");
    assert_eq!(http["requestUrl"], "/helloworld.Greeter/SayHello");
    assert_eq!(http["status"], 200);
    assert_eq!(http["protocol"], "HTTP/2");
    assert_eq!(http["remoteIp"], "127.0.0.1");
    assert_eq!(http["requestSize"], 12);
    assert!(http["responseSize"].as_u64() > Some(5), "{line}");
    let latency = http["latency"].as_str().unwrap().strip_suffix('s');
    latency.unwrap().parse::<f64>().unwrap();
}

#[tokio::test]
async fn a_line_has_neither_the_query_nor_line_breaks() {
    let server = Process::start(&[]);
    raw(server.address, "GET /a%0Ab?token=secret HTTP/1.1").await;
    let log = soon(spawn_blocking(|| server.finish())).await.unwrap();
    assert!(log.contains(r#""requestUrl":"/a%0Ab""#), "{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn health_checks_and_the_admin_listener_are_left_out() {
    let server = Process::start(&[]);
    let channel = connect(server.address).await;
    health(&channel).check(of("")).await.unwrap();
    raw(server.admin, "GET /readyz HTTP/1.1").await;
    assert_eq!(requests(server).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_error_is_logged_even_if_the_client_pretends_to_be_a_probe() {
    let server = Process::start(&[]);
    let channel = Endpoint::from_shared(format!("http://{}", server.address)).unwrap();
    let channel = channel.user_agent("kube-probe/1.34").unwrap();
    let channel = channel.connect().await.unwrap();
    let mut client = GreeterClient::new(channel);
    client.say_hello(named("Alice")).await.unwrap();
    let (_sender, open) = names();
    let mut endless = Request::new(open);
    endless.set_timeout(Duration::from_millis(100));
    let replies = client.say_hello_bidi_stream(endless).await;
    let late = soon(replies.unwrap().get_mut().message()).await;
    assert_eq!(late.unwrap_err().code(), Code::DeadlineExceeded);
    let lines = requests(server).await;
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(line["grpc_status"], "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn errors_pass_the_sampling() {
    let server = Process::start(&["--access-log", "0"]);
    let channel = connect(server.address).await;
    greeter(&channel).say_hello(named("Alice")).await.unwrap();
    let (_sender, open) = names();
    let mut endless = Request::new(open);
    endless.set_timeout(Duration::from_millis(100));
    let replies = greeter(&channel).say_hello_bidi_stream(endless).await;
    let status = soon(replies.unwrap().get_mut().message())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let lines = requests(server).await;
    let of_each = |line: &Value| json!([line["severity"], line["grpc_status"]]);
    let found: Vec<_> = lines.iter().map(of_each).collect();
    assert_eq!(found, [json!(["WARNING", "DEADLINE_EXCEEDED"])]);
}

#[tokio::test]
async fn lines_over_the_rate_are_counted_in_one_line() {
    let mut server = Process::start(&["--access-log-rate", "10"]);
    let channel = connect(server.address).await;
    for _ in 0..100 {
        greeter(&channel).say_hello(named("Alice")).await.unwrap();
    }
    let report = move || {
        let line = server.line("log lines were left out");
        (line, server)
    };
    let (line, _server) = soon(spawn_blocking(report)).await.unwrap();
    let line: Value = line.parse().unwrap();
    assert_eq!(line["severity"], "WARNING");
    assert!(line["over_rate"].as_u64() > Some(10), "{line}");
    assert_eq!(line["not_read"], 0);
}

#[tokio::test]
async fn the_text_is_for_people() {
    let server = Process::start(&["--log-format", "text"]);
    let channel = connect(server.address).await;
    greeter(&channel).say_hello(named("Alice")).await.unwrap();
    let log = soon(spawn_blocking(|| server.finish())).await.unwrap();
    let line = log.lines().find(|it| it.contains(" request ")).unwrap();
    for field in [
        r#"method="POST""#,
        r#"path="/helloworld.Greeter/SayHello""#,
        "status=200",
        r#"grpc_status="OK""#,
        r#"protocol="HTTP/2""#,
        "peer=127.0.0.1:",
    ] {
        assert!(line.contains(field), "{line}");
    }
}

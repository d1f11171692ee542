//! `--trace` of a greeting and of a load test.

mod support;

use serde_json::Value;
use support::{Run, command, greeter, load_json, run};
use testkit::otlp::Receiver;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// Runs the client with these variables.
async fn with(variables: &[(String, String)], args: &[&str]) -> Run {
    let mut command = command(&[], args);
    command.envs(variables.iter().cloned());
    run(command).await
}

fn traceparent(value: &str) -> Vec<(String, String)> {
    vec![("TRACEPARENT".to_owned(), value.to_owned())]
}

#[tokio::test]
async fn prints_the_id_of_its_trace_and_exports_its_span() {
    let addr = greeter(&[]).await;
    for protocol in ["grpc", "http/protobuf"] {
        let receiver = Receiver::start().await;
        let variables = receiver.variables(protocol);
        let run = with(&variables, &["--trace", "--addr", &addr, "Ann"]).await;
        assert_eq!(run.code, 0, "{run:?}");
        let id = run.stderr.trim_end().strip_prefix("* trace ").unwrap();
        // The program has ended: its span is here.
        let [span] = &receiver.spans()[..] else {
            panic!("{:?}", receiver.spans());
        };
        assert_eq!((span.trace_id.as_str(), span.parent.as_str()), (id, ""));
        assert_eq!(
            (span.service.as_str(), span.kind),
            ("greeter-client", "CLIENT")
        );
        assert_eq!(span.name, "helloworld.Greeter/SayHello");
        let port = addr.rsplit(':').next().unwrap();
        assert_eq!(span.attribute("server.address"), "localhost");
        assert_eq!(span.attribute("server.port"), port);
    }
}

#[tokio::test]
async fn continues_the_trace_of_the_environment() {
    let (addr, receiver) = (greeter(&[]).await, Receiver::start().await);
    let mut variables = receiver.variables("grpc");
    variables.extend(traceparent(&format!("00-{TRACE}-{SPAN}-01")));
    let args = ["--trace", "--output", "json", "--addr", &addr];
    let run = with(&variables, &args).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let reply: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(reply["trace_id"], TRACE);
    let span = &receiver.spans()[0];
    assert_eq!(
        (span.trace_id.as_str(), span.parent.as_str()),
        (TRACE, SPAN)
    );
}

#[tokio::test]
async fn a_call_that_fails_is_a_failed_span() {
    let (addr, receiver) = (greeter(&[]).await, Receiver::start().await);
    let args = ["--trace", "--timeout", "1ns", "--addr", &addr];
    let run = with(&receiver.variables("grpc"), &args).await;
    assert_eq!(run.code, 7, "{run:?}");
    let span = &receiver.spans()[0];
    assert!(span.failed);
    assert_eq!(span.attribute("error.type"), "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn warns_if_the_span_is_not_accepted() {
    let addr = greeter(&[]).await;
    let endpoint = format!("http://{}", support::closed_port().await);
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint)];
    let run = with(&variables, &["--trace", "--addr", &addr]).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("warning: the spans were not exported"),
        "{run:?}"
    );
    assert!(run.took.as_secs() < 5, "{run:?}");
}

#[tokio::test]
async fn refuses_bad_settings() {
    let bad = with(&traceparent("1234"), &["--trace"]).await;
    bad.fails_with(2, &["TRACEPARENT=1234 is invalid", "or unset it"]);
    let twice = ["--trace", "--header", "traceparent=x"];
    let twice = with(&[], &twice).await;
    twice.fails_with(2, &["--trace sends traceparent itself"]);
    let ratio = with(&[], &["load", "--trace", "2"]).await;
    assert_eq!(ratio.code, 2, "{ratio:?}");
    assert!(ratio.stderr.contains("must be from 0 to 1"), "{ratio:?}");
}

#[tokio::test]
async fn a_load_test_samples_a_share_of_its_calls() {
    let addr = greeter(&[]).await;
    let traced = async |ratio| {
        let args = ["--rate", "1000", "--duration", "1s", "--trace", ratio];
        let summary = load_json(&addr, &args).await;
        let count = |value: &Value| value.as_u64().unwrap();
        (count(&summary["traced"]), count(&summary["sends"]["sent"]))
    };
    let (all, sent) = traced("1").await;
    assert_eq!(all, sent);
    let (some, sent) = traced("0.2").await;
    assert!((sent / 10..sent / 3).contains(&some), "{some} of {sent}");
}

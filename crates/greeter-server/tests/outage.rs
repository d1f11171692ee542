//! A collector that is down: requests are served, and the log has one line.

mod support;

use std::io::{BufRead, BufReader};

use greeter_proto::helloworld::{HelloRequest, greeter_client::GreeterClient};
use support::process::Process;
use testkit::{any_port, otlp::Receiver};
use tokio::{net::TcpListener, task::block_in_place};
use tonic::transport::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_is_one_line_and_so_is_its_return() {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for (protocol, port) in [("grpc", "4317"), ("http/protobuf", "4318")] {
        let collector = format!("http://{address}");
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
            // Each span is an export that fails.
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ];
        let mut greeter = Process::start_with(&[], &variables);
        let endpoint = Endpoint::from_shared(format!("http://{}", greeter.address)).unwrap();
        let mut client = GreeterClient::new(endpoint.connect_lazy());
        let mut call = async || {
            let name = "Ann".to_owned();
            client.say_hello(HelloRequest { name }).await.unwrap();
        };
        for _ in 0..3 {
            call().await;
        }
        let down = block_in_place(|| greeter.line("cannot export spans"));
        assert!(down.contains("WARN") && down.contains(port), "{down}");
        assert!(down.contains(&address.to_string()), "{down}");

        let receiver = Receiver::serve(TcpListener::bind(address).await.unwrap());
        call().await;
        receiver.span(|span| span.service == "greeter-server").await;
        // It fails if there is a second line about the failure before this one.
        let back = block_in_place(|| greeter.line("export"));
        assert!(back.contains("exporting spans again"), "{back}");
        let rest = block_in_place(|| greeter.rest());
        assert!(!rest.contains("export"), "{rest}");
        receiver.stop().await;
    }
}

#[test]
fn a_bad_variable_ends_the_start_with_an_error() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_greeter-server"))
        .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4317")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let errors: Vec<_> = BufReader::new(&output.stderr[..]).lines().collect();
    let [Ok(error)] = &errors[..] else {
        panic!("{errors:?}");
    };
    for part in [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "needs TLS",
        "http://HOST:PORT",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

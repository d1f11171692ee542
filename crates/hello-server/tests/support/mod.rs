//! A hello server and a greeter, started by the test.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod recorder;

use std::net::SocketAddr;

use clap::Parser;
use hello_server::Config;
use serde_json::Value;
use service_kit::Listeners;
use testkit::{Service, any_port, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Starts a hello server called `hello-1` with these flags.
pub(crate) async fn start<const N: usize>(flags: [&str; N]) -> Service {
    start_with(&flags).await
}

/// The same, with any number of flags.
pub(crate) async fn start_with(flags: &[&str]) -> Service {
    let own = ["hello-server", "--hostname", "hello-1"];
    let config = Config::parse_from(own.iter().chain(flags));
    Service::start(|public, admin, shutdown| {
        hello_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// Starts a greeter called `greeter-1`; returns its URL.
pub(crate) async fn start_greeter() -> String {
    start_greeter_with(&[]).await
}

/// The same, with these flags.
pub(crate) async fn start_greeter_with(flags: &[&str]) -> String {
    let public = TcpListener::bind(any_port()).await.unwrap();
    let url = format!("http://{}", public.local_addr().unwrap());
    let own = ["greeter", "--hostname", "greeter-1"];
    serve(
        public,
        greeter_server::Config::parse_from(own.iter().chain(flags)),
    )
    .await;
    url
}

/// Serves a greeter called `greeter-1` on this listener.
pub(crate) async fn serve_greeter(public: TcpListener) {
    serve_greeter_with(public, Vec::new()).await;
}

/// The same, with these variables of OpenTelemetry.
pub(crate) async fn serve_greeter_with(public: TcpListener, variables: Vec<(String, String)>) {
    let mut config = greeter_server::Config::parse_from(["greeter", "--hostname", "greeter-1"]);
    config.service.telemetry.environment = variables.into_iter().collect();
    serve(public, config).await;
}

async fn serve(public: TcpListener, config: greeter_server::Config) {
    let greeter = Service::start(|_, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    });
    let _address = greeter.await.keep();
}

/// The schema of error responses.
const SCHEMA: &str = include_str!("../../../../docs/schemas/problem.schema.json");

/// The detail and the gRPC status of an error response, which conforms to the
/// schema.
pub(crate) async fn problem(response: reqwest::Response) -> (String, Option<String>) {
    let status = response.status();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let body: Value = response.json().await.unwrap();
    check_problem(&body);
    assert_eq!(body["status"], status.as_u16());
    assert_eq!(body["title"], status.canonical_reason().unwrap());
    let field = |name: &str| Some(body.get(name)?.as_str().unwrap().to_owned());
    (field("detail").unwrap(), field("grpc_status"))
}

/// Checks the body of an error response against the schema.
pub(crate) fn check_problem(body: &Value) {
    let schema = jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    if let Err(error) = schema.validate(body) {
        panic!("{error}: {body}");
    }
}

/// Sends these bytes; returns all that the server sends until it closes the
/// connection.
pub(crate) async fn exchange(address: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_ref()).await.unwrap();
    let mut response = Vec::new();
    soon(stream.read_to_end(&mut response)).await.unwrap();
    String::from_utf8(response).unwrap()
}

/// The addresses of a hello server and of a greeter, which run until the test
/// ends.
pub(crate) async fn both_servers() -> [SocketAddr; 2] {
    let hello = start([]).await;
    let public = hello.public;
    let _address = hello.keep();
    let greeter = start_greeter().await;
    let greeter = greeter.strip_prefix("http://").unwrap().parse();
    [public, greeter.unwrap()]
}

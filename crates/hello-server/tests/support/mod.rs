//! A hello server and a greeter, started by the test.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod recorder;

use clap::Parser;
use hello_server::Config;
use service_kit::Listeners;
use testkit::{Service, any_port};
use tokio::net::TcpListener;

/// Starts a hello server called `hello-1` with these flags.
pub(crate) async fn start<const N: usize>(flags: [&str; N]) -> Service {
    let own = ["hello-server", "--hostname", "hello-1"];
    let config = Config::parse_from(own.into_iter().chain(flags));
    Service::start(|public, admin, shutdown| {
        hello_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// Starts a greeter called `greeter-1`; returns its URL.
pub(crate) async fn start_greeter() -> String {
    let public = TcpListener::bind(any_port()).await.unwrap();
    let url = format!("http://{}", public.local_addr().unwrap());
    serve_greeter(public).await;
    url
}

/// Serves a greeter called `greeter-1` on this listener.
pub(crate) async fn serve_greeter(public: TcpListener) {
    let config = greeter_server::Config::parse_from(["greeter", "--hostname", "greeter-1"]);
    let greeter = Service::start(|_, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    });
    let _address = greeter.await.keep();
}

/// The fields `error` and `status` of an API error.
pub(crate) async fn api_error(response: reqwest::Response) -> (String, Option<String>) {
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: serde_json::Value = response.json().await.unwrap();
    let field = |name: &str| Some(body.get(name)?.as_str().unwrap().to_owned());
    (field("error").expect("an error"), field("status"))
}

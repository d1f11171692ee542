//! A greeter started by the test, connections to it, and its requests.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod process;

use std::net::SocketAddr;

use clap::Parser;
use greeter_proto::{
    health::{HealthCheckRequest, health_client::HealthClient},
    helloworld::{HelloRequest, greeter_client::GreeterClient},
};
use greeter_server::Config;
use service_kit::Listeners;
use testkit::{Service, TIMEOUT};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use transport::{Channel, DialError, DialReport, Dialer, tls::Tls};

/// Starts a greeter called `greeter-1` with these flags.
pub(crate) async fn start<const N: usize>(flags: [&str; N]) -> Service {
    let own = ["greeter-server", "--hostname", "greeter-1"];
    let config = Config::parse_from(own.into_iter().chain(flags));
    Service::start(|public, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// Connects to a server, with TLS if it is given.
pub(crate) async fn dial(
    address: SocketAddr,
    tls: Option<Tls>,
) -> Result<(Channel, DialReport), DialError> {
    let target = address.to_string().parse().unwrap();
    let dialer = Dialer::new(target, tls, TIMEOUT);
    match dialer.dial().await {
        Ok(connection) => Ok((connection.channel, connection.report)),
        Err(failure) => Err(failure.error),
    }
}

/// A connection in plaintext; unlike tonic's, it does not enforce deadlines.
pub(crate) async fn connect(address: SocketAddr) -> Channel {
    dial(address, None).await.unwrap().0
}

/// A client of the greeter.
pub(crate) fn greeter(channel: &Channel) -> GreeterClient<Channel> {
    GreeterClient::with_origin(channel.clone(), channel.origin().clone())
}

/// A client of the health service.
pub(crate) fn health(channel: &Channel) -> HealthClient<Channel> {
    HealthClient::with_origin(channel.clone(), channel.origin().clone())
}

/// A request to greet `name`.
pub(crate) fn named(name: &str) -> HelloRequest {
    HelloRequest {
        name: name.to_owned(),
    }
}

/// A request for the health of `service`.
pub(crate) fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

/// A request stream that stays open until its sender is dropped.
pub(crate) fn names() -> (
    mpsc::UnboundedSender<HelloRequest>,
    UnboundedReceiverStream<HelloRequest>,
) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, receiver.into())
}

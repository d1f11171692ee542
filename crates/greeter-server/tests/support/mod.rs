//! A greeter on ports of the system's choice, and connections to it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{net::SocketAddr, time::Duration};

use clap::Parser;
use greeter_client::{
    DialError, Dialer,
    dial::{Channel, Facts},
    tls::Tls,
};
use greeter_proto::{
    health::{HealthCheckRequest, health_client::HealthClient},
    helloworld::{HelloRequest, greeter_client::GreeterClient},
};
use greeter_server::Config;
use service_kit::Listeners;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_stream::wrappers::UnboundedReceiverStream;

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The future's output, if it comes in time.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it takes too long")
}

/// A running greeter called `greeter-1`.
pub(crate) struct Greeter {
    pub(crate) public: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Greeter {
    /// Starts a greeter with these flags.
    pub(crate) async fn start<const N: usize>(flags: [&str; N]) -> Self {
        let own = ["greeter-server", "--hostname", "greeter-1"];
        let config = Config::parse_from(own.into_iter().chain(flags));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listeners = Listeners::bind(any, any).await.unwrap();
        let public = listeners.public.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        Self {
            public,
            stop,
            served: tokio::spawn(greeter_server::run(listeners, config, shutdown)),
        }
    }

    /// Asks the greeter to stop; what comes back is its end.
    pub(crate) fn stop(self) -> JoinHandle<anyhow::Result<()>> {
        self.stop.send(()).unwrap();
        self.served
    }
}

/// Connects to a server, by TLS if so wanted.
pub(crate) async fn dial(
    address: SocketAddr,
    tls: Option<Tls>,
) -> Result<(Channel, Facts), DialError> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let dialer = Dialer {
        target: address.to_string().parse().unwrap(),
        tls,
        origin: format!("{scheme}://{address}").parse().unwrap(),
        timeout: PATIENCE,
    };
    match dialer.dial().await {
        Ok(connection) => Ok((connection.channel, connection.facts)),
        Err(failure) => Err(failure.error),
    }
}

/// A connection in plaintext; unlike tonic's it leaves deadlines to the server.
pub(crate) async fn connect(address: SocketAddr) -> Channel {
    dial(address, None).await.unwrap().0
}

/// A client of the greeter.
pub(crate) fn greeter(channel: &Channel) -> GreeterClient<Channel> {
    GreeterClient::with_origin(channel.clone(), channel.origin.clone())
}

/// A client of the health service.
pub(crate) fn health(channel: &Channel) -> HealthClient<Channel> {
    HealthClient::with_origin(channel.clone(), channel.origin.clone())
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

/// The names of a stream that stays open until its sender is dropped.
pub(crate) fn names() -> (
    mpsc::UnboundedSender<HelloRequest>,
    UnboundedReceiverStream<HelloRequest>,
) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, receiver.into())
}

/// `message` in the frame of gRPC and gRPC-Web: no compression, its length.
pub(crate) fn framed(message: &impl prost::Message) -> Vec<u8> {
    let length = u32::try_from(message.encoded_len()).unwrap();
    [&[0], &length.to_be_bytes()[..], &message.encode_to_vec()].concat()
}

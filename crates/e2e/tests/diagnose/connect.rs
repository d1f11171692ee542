//! Addresses that do not accept connections.

use std::time::Duration;

use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::scenario::Scenario;

pub(crate) async fn connect_refused() -> Scenario {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    Scenario::new(["--addr", &address])
}

/// A listener with a full backlog: the kernel drops the SYN of further connections.
pub(crate) async fn connect_timeout() -> Scenario {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
    }
    let address = address.to_string();
    Scenario::new(["--connect-timeout", "300ms", "--addr", &address])
        .keep(listener)
        .keep(queued)
}

/// A network namespace without a route.
pub(crate) async fn connect_unreachable() -> Scenario {
    Scenario::new(["--addr", "192.0.2.1:443"]).within(&["unshare", "--map-root-user", "--net"])
}

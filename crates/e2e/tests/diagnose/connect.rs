//! Addresses that do not take connections.

use std::time::Duration;

use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::arranged::Arranged;

pub(crate) async fn connect_refused() -> Arranged {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    Arranged::new(["--addr", &address])
}

/// A listener whose queue is full lets further connections wait.
pub(crate) async fn connect_timeout() -> Arranged {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
    }
    let address = address.to_string();
    Arranged::new(["--connect-timeout", "300ms", "--addr", &address])
        .keep(listener)
        .keep(queued)
}

/// A network without a route.
pub(crate) async fn connect_unreachable() -> Arranged {
    Arranged::new(["--addr", "192.0.2.1:443"]).within(&["unshare", "--map-root-user", "--net"])
}

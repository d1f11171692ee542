//! HTTP proxies that open no tunnel.

use testkit::{proxy::tunnelling, servers::saying};

use crate::scenario::Scenario;

/// A name that only a proxy resolves.
const SERVER: &str = "greeter.invalid:443";

pub(crate) async fn proxy_unreachable() -> Scenario {
    through(&closed_port())
}

pub(crate) async fn proxy_unauthenticated() -> Scenario {
    through(&saying("HTTP/1.1 407 A\r\nProxy-Authenticate: Basic realm=a\r\n\r\n").await)
}

pub(crate) async fn proxy_forbidden() -> Scenario {
    through(&saying("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await)
}

/// A proxy whose server refuses connections.
pub(crate) async fn proxy_connect_failure() -> Scenario {
    through(&tunnelling(&closed_port()).await.0)
}

/// A server of another protocol.
pub(crate) async fn proxy_no_connect() -> Scenario {
    through(&saying("SSH-2.0-OpenSSH_9.9\r\n").await)
}

fn through(proxy: &str) -> Scenario {
    let variable = format!("HTTPS_PROXY=http://{proxy}");
    Scenario::new(["--tls", "--addr", SERVER]).within(&["env", &variable])
}

/// An address where nothing listens.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

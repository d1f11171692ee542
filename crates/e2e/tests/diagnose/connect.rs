//! Addresses that do not accept connections.

use testkit::servers::full_backlog;

use crate::scenario::Scenario;

pub(crate) async fn connect_refused() -> Scenario {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    Scenario::new(["--addr", &address])
}

pub(crate) async fn connect_timeout() -> Scenario {
    let mut scenario = blackhole().await;
    let limit = ["--connect-timeout", "300ms"].map(str::to_owned);
    scenario.args.extend(limit);
    scenario
}

/// A listener with a full backlog: the kernel drops the SYN of further connections.
pub(crate) async fn blackhole() -> Scenario {
    let (silent, address) = full_backlog().await;
    let address = address.to_string();
    Scenario::new(["--addr", &address]).keep(silent)
}

/// A network namespace without a route.
pub(crate) async fn connect_unreachable() -> Scenario {
    Scenario::new(["--addr", "192.0.2.1:443"]).within(&["unshare", "--map-root-user", "--net"])
}

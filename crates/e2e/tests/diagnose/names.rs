//! Names without an address, in a network namespace with a DNS server.

use crate::scenario::Scenario;

const NAMESPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diagnose/namespace.py");

pub(crate) async fn name_not_found() -> Scenario {
    const NXDOMAIN: &str = "3";
    resolving(NXDOMAIN)
}

pub(crate) async fn name_no_address() -> Scenario {
    const NOERROR: &str = "0";
    resolving(NOERROR)
}

/// A DNS server that does not respond, with the system's default timeouts.
pub(crate) fn silent_dns() -> Scenario {
    resolving("silent")
}

fn resolving(rcode: &str) -> Scenario {
    Scenario::new(["--tls", "--addr", "greeter.example:443"]).within(&[
        "unshare",
        "--map-root-user",
        "--net",
        "--mount",
        "python3",
        NAMESPACE,
        rcode,
    ])
}

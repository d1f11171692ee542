//! Names without an address: in a network that has a DNS server and no more.

use crate::arranged::Arranged;

const NAMESPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diagnose/namespace.py");

pub(crate) async fn name_not_found() -> Arranged {
    const NXDOMAIN: &str = "3";
    resolving(NXDOMAIN)
}

pub(crate) async fn name_no_address() -> Arranged {
    const NOERROR: &str = "0";
    resolving(NOERROR)
}

fn resolving(rcode: &str) -> Arranged {
    Arranged::new(["--tls", "--addr", "greeter.example:443"]).within(&[
        "unshare",
        "--map-root-user",
        "--net",
        "--mount",
        "python3",
        NAMESPACE,
        rcode,
    ])
}

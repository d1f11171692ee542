//! The check that a port is free. `make` checks before it builds; this check is
//! for ports that were taken meanwhile.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use anyhow::bail;

/// Fails with the make variable that changes the port, which Envoy's message
/// would not name.
pub(super) fn check_free(port: u16, variable: &str, observed: bool) -> anyhow::Result<()> {
    let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else {
        return Ok(());
    };
    let reason = match error.kind() {
        io::ErrorKind::AddrInUse => "is taken; stop what uses it, or".to_owned(),
        _ => format!("cannot be used ({error});"),
    };
    let other = 10_000 + port % 10_000;
    let make = if observed { "observe" } else { "demo" };
    bail!("port {port} {reason} choose another: make {make} {variable}={other}")
}

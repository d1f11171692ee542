//! The first phase: the name's addresses.

use std::io;

use tokio::{net::lookup_host, time::Instant};

use crate::{DialError, deadline::before, socket::Address};

/// The addresses of a host, with this port.
///
/// # Errors
/// If it has none, or DNS does not respond before the deadline.
pub(super) async fn resolve(
    host: &str,
    port: u16,
    deadline: Instant,
) -> Result<Vec<Address>, DialError> {
    let failed = |cause: io::Error| match has_no_address(&cause) {
        true => DialError::NameHasNoAddress {
            host: host.to_owned(),
        },
        false => DialError::NameNotFound {
            host: host.to_owned(),
            cause,
        },
    };
    let addresses: Vec<_> = before(deadline, lookup_host((host, port)))
        .await
        .ok_or_else(|| failed(io::Error::new(io::ErrorKind::TimedOut, "DNS timed out")))?
        .map_err(failed)?
        .map(Address::Tcp)
        .collect();
    if addresses.is_empty() {
        return Err(DialError::NameHasNoAddress {
            host: host.to_owned(),
        });
    }
    Ok(addresses)
}

/// Whether the name exists, but has no address (EAI_NODATA). The standard library
/// keeps only the message of that error, which glibc and musl word differently.
fn has_no_address(error: &io::Error) -> bool {
    let message = error.to_string();
    [
        "No address associated with hostname",
        "Name has no usable address",
    ]
    .iter()
    .any(|no_data| message.contains(no_data))
}

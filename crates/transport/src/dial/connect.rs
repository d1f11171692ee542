//! The first two phases: the name's addresses, and a connection to one.

use std::io;

use tokio::{net::lookup_host, time::Instant};

use crate::{
    DialError, Target,
    deadline::{before, left},
    socket::{Address, BoxedIo},
};

/// The addresses of a target.
pub(super) async fn resolve(target: &Target, deadline: Instant) -> Result<Vec<Address>, DialError> {
    let port = match target {
        Target::Unix(path) => return Ok(vec![Address::Unix(path.clone())]),
        Target::Tcp { authority, .. } => authority.port_u16().unwrap_or_default(),
    };
    let host = target.host();
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

/// Connects to the first address that accepts. Each gets an equal share of the
/// time that is left, so that an unreachable address family leaves time for the
/// other.
pub(super) async fn connect(
    addresses: &[Address],
    deadline: Instant,
) -> Result<(Address, BoxedIo), DialError> {
    let mut failures = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        let share = left(deadline) / u32::try_from(addresses.len() - index).unwrap_or(1);
        match before(Instant::now() + share, address.open()).await {
            Some(Ok(stream)) => return Ok((address.clone(), stream)),
            Some(Err(error)) => match address {
                Address::Unix(path) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(DialError::NoSocket { path: path.clone() });
                }
                _ => failures.push((address.to_string(), error)),
            },
            None => failures.push((address.to_string(), io::ErrorKind::TimedOut.into())),
        }
    }
    Err(DialError::from_connect_failures(failures))
}

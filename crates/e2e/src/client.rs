//! The client: as a program, and as a library.

use std::{process::Output, time::Duration};

use local_mesh::binary;
use tokio::process::Command;
use transport::{Connection, Dialer, Target, tls::Tls};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs `greeter-client` with these arguments.
///
/// # Panics
/// If the program has not been built.
pub async fn client(args: &[&str]) -> Output {
    Command::new(binary("greeter-client").unwrap())
        .args(args)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

/// Connects to a target as the client does.
///
/// # Panics
/// If the target is not valid or the connection fails.
pub async fn dial(target: &str, tls: Option<Tls>) -> Connection {
    let target = target.parse::<Target>().unwrap();
    let dialer = Dialer::new(target, tls, CONNECT_TIMEOUT);
    dialer
        .dial()
        .await
        .map_err(|failure| failure.error)
        .unwrap()
}

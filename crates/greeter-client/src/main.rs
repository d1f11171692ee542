//! Wires the greeter's client.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    greeter_client::cli::run().await.into()
}

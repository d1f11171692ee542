//! The hello server as axum's own examples serve it.

use std::env;

use anyhow::Context;
use axum::{Router, http::Uri};
use tokio::net::TcpListener;

async fn hello(uri: Uri) -> String {
    format!("Hello World! {uri}")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = env::args().nth(1).context("usage: axum-hello PORT")?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    axum::serve(listener, Router::new().fallback(hello)).await?;
    Ok(())
}

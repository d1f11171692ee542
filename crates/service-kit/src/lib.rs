//! What both servers share: one connection loop, the lifecycle from ready to
//! drained, TLS, telemetry and the admin listener.
//!
//! A server hands its routes to [`serve()`] with listeners that are already
//! bound and a future that ends when it should stop; binding and signals
//! belong to `main`.

mod admin;
mod config;
mod connections;
pub mod duration;
mod exit;
mod lifecycle;
mod listeners;
mod opening;
mod serve;
pub mod signals;
pub mod telemetry;
mod tls;

pub use admin::Version;
pub use config::{Limits, ServiceConfig};
pub use exit::run_main;
pub use lifecycle::{Lifecycle, Phase};
pub use listeners::Listeners;
pub use serve::serve;
pub use tls::TlsFiles;

/// This machine's host name: in Kubernetes, the pod's name.
#[must_use]
pub fn machine_hostname() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

//! What both servers share: the connection loop, the lifecycle, TLS, logs and
//! the admin listener. It knows no routes and no gRPC service.
//!
//! A server passes its routes to [`serve()`], with bound listeners and a future
//! that completes when the server is to stop. Only `main` binds sockets and
//! reads signals.

mod admin;
mod config;
mod connections;
mod exit;
mod host;
mod label;
mod lifecycle;
mod listeners;
mod memory;
mod nosniff;
mod problem;
#[cfg(feature = "profiling")]
mod profile;
mod repeats;
mod router;
mod serve;
mod settings;
pub mod signals;
mod tls;

/// The signals of a server.
pub use ::telemetry::{ClientSpan, Telemetry, TraceContext, Version, passed_on};
pub use config::{Limits, ServiceConfig, parse};
pub use connections::{Answer, Call, Content, Reply, RequestBody, Route, Routes};
pub use exit::run_main;
pub use label::Label;
pub use lifecycle::{Lifecycle, Phase};
pub use listeners::Listeners;
pub use nosniff::nosniff;
pub use problem::Problem;
pub use router::{RouterRoutes, RpcMethod};
pub use serve::serve;
pub use settings::Settings;
pub use tls::TlsFiles;

/// The allocator of both servers, for their `#[global_allocator]`. It returns free
/// memory to the system, where glibc's keeps what a flood of requests took.
pub use tikv_jemallocator::Jemalloc as Allocator;

/// The machine's host name; in Kubernetes, the pod's name.
#[must_use]
pub fn machine_hostname() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

//! The three signals of one process: metrics, traces and logs. It knows no
//! listener, no route and no gRPC service.
//!
//! Whoever observes a request calls [`Telemetry::record`] once it has ended; the
//! record goes to each signal.

mod config;
mod context;
mod handle;
mod methods;
mod request;

pub use config::{Switch, TelemetryConfig};
pub use context::TraceContext;
pub use handle::{Telemetry, Version};
pub use methods::OTHER;
pub use request::{Outcome, RequestRecord};

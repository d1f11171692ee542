//! The three signals of one process: metrics, traces and logs. It knows no
//! listener, no route and no gRPC service.
//!
//! Whoever observes a request calls [`Telemetry::record`] once it has ended; the
//! record goes to each signal.

mod access_log;
mod config;
mod context;
mod handle;
pub mod log;
mod methods;
mod metrics;
mod request;
pub mod status;
mod traces;

pub use access_log::{AccessLogConfig, AccessLogShare};
pub use config::{Switch, TelemetryConfig};
pub use context::{Sampler, SpanId, TraceContext, TraceId, passed_on};
pub use handle::{Telemetry, Version};
pub use methods::OTHER;
pub use metrics::{CLASSIC, Handshake, OPENMETRICS, OpenConnections, ServerState};
pub use request::{CallRecord, Outcome, RequestRecord};
pub use traces::{ClientSpan, Environment};

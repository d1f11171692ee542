//! Measures latency and throughput under load, at a given rate (open loop) or as
//! fast as responses come (closed loop), and renders the result as text or HTML.
//! It must not know the command line, signals or exit codes other than its own.

mod call_error;
mod connection;
mod error;
mod error_counts;
mod exchange;
mod figures;
mod histogram;
mod host;
mod hosts;
pub mod html;
mod latency;
mod live;
mod messages;
mod notes;
mod pacer;
mod plan;
mod recorder;
mod records;
mod results;
mod run;
mod schedule;
mod server_text;
mod settings;
mod shard;
mod summary;
pub mod text;
mod threshold;
mod timeline;
mod window;
mod worker;

pub use error::LoadError;
pub use histogram::Bar;
pub use latency::{Latency, Percentile};
pub use plan::LoadPlan;
pub use results::{ErrorResult, HostResult, Responses, Sends};
pub use run::run;
pub use settings::LoadSettings;
pub use summary::Summary;
pub use threshold::{THRESHOLD_EXCEEDED, Threshold, ThresholdResult};
pub use timeline::Point;

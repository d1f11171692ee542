//! Diagnoses a call of any gRPC method stage by stage, and names the cause and
//! the fix of the first stage that fails. It must not know the command line or
//! how the user wants to see the verdict, apart from the text that it renders.

mod attempt;
mod call_stages;
mod diagnosis;
mod dial_stages;
mod examination;
mod finding;
mod fleet;
#[cfg(fuzzing)]
pub mod fuzzing;
mod health;
mod plan;
mod probes;
mod reflection;
mod request;
mod response;
mod response_report;
mod rules;
mod run;
mod stage;
mod stage_status;
mod text;
mod verdict;

pub use attempt::Attempt;
pub use diagnosis::Diagnosis;
pub use plan::{DiagnosePlan, default_total, first_timeout};
pub use response_report::ResponseReport;
pub use run::diagnose;
pub use stage::{Stage, StageName, StageStatus};
pub use text::{Style, print};
pub use verdict::Verdict;

//! The project on one machine: hello, two greeters and an Envoy gateway with TLS,
//! as processes, for `make demo`, `make observe` and for tests. It knows no test, and
//! of Kubernetes only the file of the Prometheus rules.

pub mod demo;
pub mod envoy;
mod http;
mod mesh;
mod mesh_metrics;
pub mod observe;
mod print;
mod process;
mod terminal;

pub use mesh::{Mesh, MeshConfig, Target, binary};
pub use process::{Addresses, Log, OnLine, Process};

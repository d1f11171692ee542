//! The project on one machine: hello, two greeters and an Envoy gateway with TLS,
//! as processes, for `make demo` and for tests. It knows neither Kubernetes nor
//! its tests.

pub mod demo;
pub mod envoy;
mod mesh;
mod mesh_metrics;
mod process;
mod terminal;

pub use mesh::{Mesh, MeshConfig, Target, binary};
pub use process::{Addresses, Log, Process};

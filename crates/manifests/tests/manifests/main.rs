//! The Kubernetes manifests against the programs that they run.

mod programs;
mod routing;
mod services;

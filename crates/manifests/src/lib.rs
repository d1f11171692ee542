//! The Kubernetes manifests as data, and their workloads in containers: what the
//! tests of manifests, deploy scripts and images share.
//! It must not know a real cluster, and no other crate may depend on it.

mod cluster;
mod container;
mod crates;
mod engine;
mod gateway;
pub mod monitoring;
mod rendering;
pub mod routes;
pub mod spec;
mod workload;

pub use cluster::Cluster;
pub use container::Container;
pub use crates::{crates, locked};
pub use engine::{Network, engine};
pub use rendering::{Metadata, Object, RENDERINGS, Rendering, render};
pub use workload::{
    Capabilities, ContainerPort, ContainerSecurity, ContainerSpec, Grpc, HttpGet, PodSecurity,
    PortRef, Probe, VolumeMount, Workload,
};

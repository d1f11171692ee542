//! The Kubernetes manifests as data, and their workloads in containers: what the
//! tests of manifests, deploy scripts and images share.
//! It must not know a real cluster. Only `e2e` may depend on it, for the queries of
//! the dashboards.

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
pub use rendering::{Metadata, Object, RENDERINGS, Rendering, parse, render};
pub use workload::{
    Capabilities, ContainerPort, ContainerSecurity, ContainerSpec, Grpc, HttpGet, PodSecurity,
    PortRef, Probe, VolumeMount, Workload,
};

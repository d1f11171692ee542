//! `make observe`: the mesh with Prometheus, traffic and faults.

mod command;
mod faults;
mod jaeger;
mod prometheus;
mod rules;
mod traffic;

pub use self::{
    command::{ObserveArgs, run},
    faults::Fault,
    prometheus::{Prometheus, PrometheusConfig},
    traffic::Traffic,
};

//! The mesh of this project on one machine: the real servers behind a real
//! Envoy gateway with TLS, for the demo and for the end-to-end tests.

pub mod demo;
pub mod envoy;
mod mesh;
mod process;
mod terminal;

pub use mesh::{Mesh, MeshConfig, binary};
pub use process::{Addresses, Process};

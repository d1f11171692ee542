//! What the end-to-end tests share: a local mesh per test, the client program
//! and connections to the gateway.
//! It must not know Kubernetes, and no other crate may depend on it.

mod client;
mod mesh;
mod table;

pub use client::{client, dial};
pub use mesh::{Http, TestMesh};
pub use table::print_table;

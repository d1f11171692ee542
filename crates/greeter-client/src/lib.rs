//! A gRPC client that shows what its connection is made of: it dials in phases
//! (resolve, connect, TLS, HTTP/2), keeps the evidence of each, and turns every
//! failure into a cause and a next step.

pub mod call;
pub mod cli;
pub mod diagnose;
pub mod dial;
pub mod exit;
mod failure;
pub mod greet;
pub mod health;
pub mod load;
pub mod report;
pub mod tls;

pub use dial::{Connection, DialError, DialFailure, Dialer, Target};
pub use exit::Exit;

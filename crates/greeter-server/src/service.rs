//! The gRPC services.

mod greeter;
mod health;
mod name;

pub(crate) use greeter::{Greeter, greet};
pub(crate) use health::Health;

//! The public routes, one file each.

mod delay;
mod echo;
mod greet;
mod hello;
mod seconds;
mod status;
mod stream;

use std::sync::Arc;

use axum::{
    Router,
    routing::{any, get},
};

use crate::{Config, greeter::Greeter};

/// The state that the handlers share.
#[derive(Clone, Debug)]
struct App {
    hostname: Arc<str>,
    greeter: Greeter,
}

/// The public routes. Call it inside a Tokio runtime, which the connection to the
/// greeter needs.
pub fn routes(config: &Config) -> Router {
    let app = App {
        hostname: config.hostname.as_str().into(),
        greeter: Greeter::new(&config.greeter, config.greeter_timeout),
    };
    Router::new()
        .route("/greet/{name}", get(greet::greet))
        .route("/echo", any(echo::echo))
        .route("/status/{code}", any(status::status))
        .route("/delay/{seconds}", get(delay::delay))
        .route("/stream/{n}", get(stream::stream))
        .fallback(get(hello::hello))
        .with_state(app)
}

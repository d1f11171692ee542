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
    middleware::map_response,
    routing::{any, get},
};
use service_kit::{Telemetry, nosniff};

use crate::{Config, greeter::Greeter, problems::method_not_allowed, waiting::Waiting};

/// The state that the handlers share.
#[derive(Clone, Debug)]
struct App {
    hostname: Arc<str>,
    greeter: Greeter,
    waiting: Waiting,
    echo_credentials: bool,
}

/// The public routes. Call it inside a Tokio runtime, which the connection to the
/// greeter needs.
pub fn routes(config: &Config, telemetry: &Telemetry) -> Router {
    let app = App {
        hostname: config.hostname.as_str().into(),
        greeter: Greeter::new(&config.greeter, config.greeter_timeout, telemetry.clone()),
        waiting: Waiting::new(config.max_waiting),
        echo_credentials: config.echo_credentials,
    };
    Router::new()
        .route("/greet/{name}", get(greet::greet))
        .route("/echo", any(echo::echo))
        .route("/status/{code}", any(status::status))
        .route("/delay/{seconds}", any(delay::delay))
        .route("/stream/{n}", get(stream::stream))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(get(hello::hello).fallback(method_not_allowed))
        .layer(map_response(async |response| nosniff(response)))
        .with_state(app)
}

//! The public routes, one file each.

mod delay;
mod echo;
mod greet;
mod greet_stream;
mod greeting;
mod hello;
mod parameters;
mod seconds;
mod short_way;
mod status;
mod stream;

pub(crate) use self::short_way::HelloRoutes;

use std::sync::Arc;

use axum::{
    Router,
    middleware::map_response,
    routing::{any, get},
};
use service_kit::{Telemetry, nosniff};

use crate::{
    Config, greeter::Greeter, page::Server, problems::method_not_allowed, waiting::Waiting,
};

/// What all workers share.
#[derive(Clone, Debug)]
pub struct App {
    config: Arc<Config>,
    server: Arc<Server>,
    telemetry: Telemetry,
    waiting: Waiting,
}

/// What the handlers of a worker share: axum copies it several times for a request.
type Shared = Arc<Resources>;

/// The state of a worker.
#[derive(Debug)]
struct Resources {
    hostname: Arc<str>,
    server: Arc<Server>,
    greeter: Greeter,
    waiting: Waiting,
    echo_credentials: bool,
}

impl App {
    /// The server with these settings.
    #[must_use]
    pub fn new(config: Config, telemetry: Telemetry) -> Self {
        Self {
            waiting: Waiting::new(config.max_waiting),
            server: Arc::new(Server::new(&config)),
            config: Arc::new(config),
            telemetry,
        }
    }

    /// The public routes of one worker. Call it inside its runtime, to which the
    /// connection to the greeter belongs.
    pub fn routes(&self) -> Router {
        routes(self.shared())
    }

    fn shared(&self) -> Shared {
        let config = &self.config;
        let telemetry = self.telemetry.clone();
        Arc::new(Resources {
            hostname: config.hostname.as_str().into(),
            server: Arc::clone(&self.server),
            greeter: Greeter::new(&config.greeter, config.greeter_timeout, telemetry),
            waiting: self.waiting.clone(),
            echo_credentials: config.echo_credentials,
        })
    }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route(greet::PATH, get(greet::greet))
        .route("/echo", any(echo::echo))
        .route("/status/{code}", any(status::status))
        .route("/delay/{seconds}", any(delay::delay))
        .route("/stream/{n}", get(stream::stream))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(get(hello::hello).fallback(method_not_allowed))
        .layer(map_response(async |response| nosniff(response)))
        .with_state(shared)
}

//! A server with the test's routes, and its settings.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod log;

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use clap::Parser;
use service_kit::{Lifecycle, Listeners, RouterRoutes, ServiceConfig, Telemetry, Version};
use testkit::Service;
use tokio::sync::Notify;

/// The version that `/version` returns.
pub(crate) const VERSION: Version = Version {
    name: "server",
    version: "1.2.3",
    commit: "0123456789ab",
    built: "2026-01-31",
};

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    service: ServiceConfig,
}

/// The settings for these flags.
pub(crate) fn config<'a>(flags: impl IntoIterator<Item = &'a str>) -> ServiceConfig {
    Flags::parse_from(["server"].into_iter().chain(flags)).service
}

/// The signals of a server with these settings.
pub(crate) fn telemetry(config: &ServiceConfig) -> Telemetry {
    Telemetry::start(&config.telemetry, VERSION).unwrap()
}

/// Starts a server with these routes and flags.
pub(crate) async fn start<'a>(routes: Router, flags: impl IntoIterator<Item = &'a str>) -> Service {
    log::install();
    let config = config(flags);
    let telemetry = telemetry(&config);
    Service::start(|public, admin, shutdown| {
        let listeners = Listeners { public, admin };
        let lifecycle = Lifecycle::default();
        service_kit::serve(
            listeners,
            move || RouterRoutes::from(routes.clone()),
            telemetry,
            lifecycle,
            config,
            shutdown,
        )
    })
    .await
}

/// A route whose requests the test sees arrive, and releases.
#[derive(Clone, Default)]
pub(crate) struct Held {
    pub(crate) arrived: Arc<Notify>,
    pub(crate) release: Arc<Notify>,
}

impl Held {
    pub(crate) fn routes(&self) -> Router {
        let hold = async |State(held): State<Self>| {
            held.arrived.notify_one();
            held.release.notified().await;
            "finished"
        };
        Router::new()
            .route("/", get("hello"))
            .route("/held", get(hold))
            .with_state(self.clone())
    }
}

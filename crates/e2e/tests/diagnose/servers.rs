//! Real servers: the greeter, and routes of a test.

use axum::Router;
use clap::Parser;
use service_kit::{Lifecycle, Listeners, RouterRoutes, ServiceConfig, Telemetry, Version};
use testkit::{Pki, Service, Shutdown, localhost};

/// The real greeter, with these flags.
pub(crate) async fn greeter(flags: &[&str]) -> String {
    start("greeter-under-test", flags).await.keep()
}

/// The real greeter with this host name.
pub(crate) async fn named_greeter(hostname: &str, flags: &[&str]) -> String {
    start(hostname, flags).await.keep()
}

/// The real greeter after its SIGTERM.
pub(crate) async fn stopped_greeter(flags: &[&str]) -> String {
    let service = start("greeter-under-test", flags).await;
    let address = service.address();
    drop(service.stop());
    address
}

async fn start(hostname: &str, flags: &[&str]) -> Service {
    let args = ["greeter-server", "--hostname", hostname];
    let config = greeter_server::Config::parse_from(args.iter().chain(flags));
    Service::start(|public, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// The real greeter with a certificate of this CA.
pub(crate) async fn tls_greeter(pki: &Pki, flags: &[&str]) -> String {
    let (cert, key) = pki.issue("greeter", &localhost());
    let tls = ["--tls-cert", &cert, "--tls-key", &key];
    greeter(&[&tls[..], flags].concat()).await
}

/// Routes of a test, over HTTP/1.1 and HTTP/2.
pub(crate) async fn routes(router: Router) -> String {
    let config = greeter_server::Config::parse_from(["greeter-server"]).service;
    let run = |public, admin, shutdown| {
        let listeners = Listeners { public, admin };
        serve(listeners, router, config, shutdown)
    };
    Service::start(run).await.keep()
}

async fn serve(
    listeners: Listeners,
    router: Router,
    config: ServiceConfig,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let version = Version {
        name: "routes",
        version: "0",
        commit: "unknown",
        built: "unknown",
    };
    let lifecycle = Lifecycle::default();
    let telemetry = Telemetry::start(&config.telemetry, version)?;
    let routes = move || RouterRoutes::from(router.clone());
    service_kit::serve(listeners, routes, telemetry, lifecycle, config, shutdown).await
}

//! The hello HTTP server: greets every path, and has routes that exercise a mesh
//! over HTTP/1.1 and h2c. It knows neither listeners nor signals: `main` binds
//! them, and service-kit serves.

mod config;
mod greeter;
mod lines;
mod page;
mod problems;
mod routes;
mod waiting;

pub use config::Config;
#[cfg(fuzzing)]
pub use greeter::passed_on;
pub use page::PageConfig;
pub use routes::App;
use routes::HelloRoutes;

use service_kit::{Lifecycle, Listeners, Telemetry, Version, serve};

/// Serves until `shutdown` completes, then drains.
///
/// # Errors
/// If a TLS file cannot be used.
pub async fn run(
    listeners: Listeners,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let telemetry = telemetry(&config)?;
    let service = config.service.clone();
    let app = App::new(config, telemetry.clone());
    serve(
        listeners,
        move || HelloRoutes::new(&app),
        telemetry,
        Lifecycle::default(),
        service,
        shutdown,
    )
    .await
}

/// The signals of the hello server.
///
/// # Errors
/// If a variable of OpenTelemetry has an invalid value.
pub fn telemetry(config: &Config) -> anyhow::Result<Telemetry> {
    let version = Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        commit: build_info::COMMIT,
        built: build_info::DATE,
    };
    Telemetry::start(&config.service.telemetry, version)
}

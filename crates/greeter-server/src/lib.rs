//! The greeter gRPC server: `helloworld.Greeter` with health checking,
//! reflection, gRPC-Web, compression and deadlines. It knows neither listeners
//! nor signals: `main` binds them, and service-kit serves.

mod about;
mod call;
mod compression;
mod config;
mod cors;
mod protocol;
mod service;
mod unary;

pub use config::Config;

use axum::{Router, middleware};
use greeter_proto::{
    FILE_DESCRIPTOR_SET,
    health::health_server::HealthServer,
    helloworld::greeter_server::{GreeterServer, SERVICE_NAME},
};
use service_kit::{Lifecycle, Listeners, RouterRoutes, Telemetry, Version, serve};
use tonic::{codec::CompressionEncoding, service::Routes};
use tonic_reflection::server::Builder as Reflection;
use tonic_web::GrpcWebLayer;

use crate::{
    about::{About, about},
    call::{Calls, MAX_MESSAGE_BYTES},
    service::{Greeter, Health},
    unary::GreeterRoutes,
};

/// Serves until `shutdown` completes, then drains.
///
/// # Errors
/// If the host name cannot be sent as metadata, or a TLS file cannot be used.
pub async fn run(
    listeners: Listeners,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let version = Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        commit: build_info::COMMIT,
        built: build_info::DATE,
    };
    let lifecycle = Lifecycle::default();
    let about = about(&config.hostname, &config.label)?;
    let calls = Calls::new(&lifecycle, config.request_timeout, config.call_timeout);
    let mut app = routes(about.clone(), &lifecycle, calls.clone())?;
    if !config.cors_origin.is_empty() {
        app = app.layer(cors::layer(&config.cors_origin));
    }
    let telemetry = Telemetry::start(&config.service.telemetry, version)?;
    serve(
        listeners,
        move || {
            let layers = RouterRoutes::from(app.clone());
            GreeterRoutes::new(layers, calls.clone(), &about)
        },
        telemetry,
        lifecycle,
        config.service,
        shutdown,
    )
    .await
}

fn routes(about: About, lifecycle: &Lifecycle, calls: Calls) -> anyhow::Result<Router> {
    let mut greeter =
        GreeterServer::new(Greeter::new(about)).max_decoding_message_size(MAX_MESSAGE_BYTES);
    for encoding in [CompressionEncoding::Zstd, CompressionEncoding::Gzip] {
        greeter = greeter
            .accept_compressed(encoding)
            .send_compressed(encoding);
    }
    let health = Health::new(lifecycle, ["", SERVICE_NAME]);
    let reflection =
        || Reflection::configure().register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET);
    Ok(Routes::new(greeter)
        .add_service(HealthServer::new(health).max_decoding_message_size(MAX_MESSAGE_BYTES))
        .add_service(
            reflection()
                .build_v1()?
                .max_decoding_message_size(MAX_MESSAGE_BYTES),
        )
        .add_service(
            reflection()
                .build_v1alpha()?
                .max_decoding_message_size(MAX_MESSAGE_BYTES),
        )
        .into_axum_router()
        .layer(middleware::from_fn_with_state(calls, call::run))
        .layer(middleware::map_request(compression::mirror))
        .layer(GrpcWebLayer::new())
        .layer(middleware::from_fn(protocol::check)))
}

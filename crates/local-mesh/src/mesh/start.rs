//! Starts the processes of a mesh in their order.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use super::{
    GREETERS, Mesh, MeshConfig,
    certificates::Certificates,
    server::{self, FREE_PORTS},
    targets,
};
use crate::{
    envoy::{AccessLogEntry, Envoy, Features, Settings},
    mesh_metrics::MeshMetrics,
    process::Process,
};

/// The requests that the gateway of an observed mesh allows in flight to the greeters,
/// and those of the greeter that is called directly: few, so that a short burst
/// exceeds them.
const MAX_GREETER_REQUESTS: u32 = 24;
const MAX_DIRECT_REQUESTS: u32 = 16;

impl Mesh {
    pub(super) async fn start_processes(
        config: &MeshConfig,
        envoy: &Path,
        certificates: Certificates,
    ) -> anyhow::Result<Self> {
        let (directory, log) = (&config.directory, &config.log);
        let mut greeters = Vec::new();
        for number in 1..=GREETERS {
            greeters.push(server::start_greeter(number, FREE_PORTS, config)?);
        }
        let direct = config.observed.then(|| start_direct(config)).transpose()?;
        // hello calls the greeters through the gateway's balancing listener.
        let args = ["--greeter", "unix:greeter.sock"].map(str::to_owned);
        let args = [&args[..], &server::label("v1"), &config.hello_args].concat();
        let hello = server::start("hello-1", "hello-server", FREE_PORTS, &args, config)?;
        let mut addresses = Vec::new();
        for greeter in &greeters {
            addresses.push(greeter.listening().await?);
        }
        let hello_addresses = hello.listening().await?;
        let metrics = MeshMetrics::new();
        let mut targets = targets::targets(hello_addresses, &addresses, &metrics);
        let mut direct_address = None;
        if let Some(direct) = &direct {
            let listening = direct.listening().await?;
            targets.push(targets::greeter(GREETERS + 1, "v1", listening.admin));
            direct_address = Some(listening.public);
        }
        let settings = Settings {
            address: Ipv4Addr::LOCALHOST.into(),
            http_port: config.http_port,
            https_port: config.https_port,
            greeters: &addresses,
            hello: &[hello_addresses],
            features: Features {
                collector: config.collector.clone(),
                canary_percent: config.canary_percent,
                max_greeter_requests: config.observed.then_some(MAX_GREETER_REQUESTS),
            },
        };
        settings.write(directory)?;
        let recorder = metrics.clone();
        let on_request = Arc::new(move |entry: &AccessLogEntry| recorder.record(entry));
        let gateway = Envoy::start(envoy, directory, log, on_request).await?;
        let (http, https) = (
            gateway.listener("http").await?,
            gateway.listener("https").await?,
        );
        gateway.healthy("greeter", GREETERS).await?;
        gateway.healthy("hello", 1).await?;
        Ok(Self {
            config: config.clone(),
            gateway,
            metrics,
            greeters,
            hello,
            direct,
            direct_address,
            targets,
            http,
            https,
            ca: certificates.ca(),
            certificates,
            hello_address: hello_addresses.public,
            greeter_addresses: addresses.iter().map(|it| it.public).collect(),
        })
    }
}

/// The greeter with TLS of its own.
fn start_direct(config: &MeshConfig) -> anyhow::Result<Process> {
    let limit = MAX_DIRECT_REQUESTS.to_string();
    let args = [
        ["--tls-cert", "cert.pem"],
        ["--tls-key", "key.pem"],
        ["--max-requests", &limit],
    ];
    let args: Vec<_> = args.concat().into_iter().map(str::to_owned).collect();
    let name = format!("greeter-{}", GREETERS + 1);
    server::start(&name, "greeter-server", FREE_PORTS, &args, config)
}

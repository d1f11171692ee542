//! Where spans go, and in which protocol.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::environment::Environment;

/// The receiver of the spans.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) url: String,
    pub(super) protocol: Protocol,
    pub(super) headers: HeaderMap,
    pub(super) timeout: Duration,
}

/// The transports of OTLP that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Grpc,
    HttpProtobuf,
}

const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PROTOCOLS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
];
const TIMEOUTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
];
const COMPRESSIONS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
];
const HEADERS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

impl Collector {
    /// The collector that these variables name; `None` if they name none.
    ///
    /// # Errors
    /// If a value is invalid.
    pub(super) fn read(environment: &Environment) -> anyhow::Result<Option<Self>> {
        let endpoints = [TRACES_ENDPOINT, "OTEL_EXPORTER_OTLP_ENDPOINT"];
        let Some((name, endpoint)) = environment.first(&endpoints) else {
            return Ok(None);
        };
        let protocol = protocol(environment)?;
        if let Some((name, value)) = environment.first(&COMPRESSIONS) {
            ensure!(
                value == "none",
                "{name}={value} is not supported; unset it, or use none"
            );
        }
        check(name, endpoint)?;
        let timeout = environment.number(&TIMEOUTS, 1, 600_000)?;
        Ok(Some(Self {
            url: match protocol {
                Protocol::HttpProtobuf if name != TRACES_ENDPOINT => {
                    format!("{}/v1/traces", endpoint.trim_end_matches('/'))
                }
                _ => endpoint.to_owned(),
            },
            protocol,
            headers: headers(environment)?,
            timeout: Duration::from_millis(timeout.unwrap_or(10_000)),
        }))
    }
}

fn check(name: &str, endpoint: &str) -> anyhow::Result<()> {
    let uri = endpoint.parse::<Uri>().ok();
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    // The URL is logged. A user in it is a credential.
    ensure!(
        !endpoint.contains('@'),
        "{name} has a user in the URL, which is not supported; send credentials as headers, with \
         OTEL_EXPORTER_OTLP_HEADERS"
    );
    ensure!(
        scheme != Some("https"),
        "{name}={endpoint} needs TLS, which the export of spans does not have; use a collector \
         on this machine or in the mesh, as http://HOST:PORT, and let it export with TLS"
    );
    let has_host = uri.as_ref().is_some_and(|uri| uri.host().is_some());
    ensure!(
        scheme == Some("http") && has_host,
        "{name}={endpoint} is not a URL; write it as http://HOST:PORT"
    );
    Ok(())
}

fn protocol(environment: &Environment) -> anyhow::Result<Protocol> {
    match environment.first(&PROTOCOLS) {
        None | Some((_, "http/protobuf")) => Ok(Protocol::HttpProtobuf),
        Some((_, "grpc")) => Ok(Protocol::Grpc),
        Some((name, other)) => {
            bail!("{name}={other} is not supported; use grpc or http/protobuf")
        }
    }
}

fn headers(environment: &Environment) -> anyhow::Result<HeaderMap> {
    let Some((variable, _)) = environment.first(&HEADERS) else {
        return Ok(HeaderMap::new());
    };
    let header = |(key, value): (String, String)| {
        let pair = (key.parse::<HeaderName>(), value.parse::<HeaderValue>());
        let (Ok(name), Ok(value)) = pair else {
            return None;
        };
        Some((name, value))
    };
    let pairs = environment.pairs(variable)?;
    let headers = pairs.into_iter().map(|pair| {
        let key = pair.0.clone();
        header(pair).with_context(|| {
            format!("{variable}: {key:?} is not a header; write NAME=VALUE in ASCII")
        })
    });
    headers.collect()
}

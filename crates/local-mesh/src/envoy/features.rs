//! What only some gateways have: traces and limits.

use std::{env, str::FromStr};

use anyhow::{Context, ensure};

const TRACING: &str = include_str!("tracing.yaml");
const COLLECTOR: &str = include_str!("collector.yaml");
const RESILIENCE: &str = include_str!("resilience.yaml");
const UNLIMITED: &str = include_str!("limits.yaml");

/// The variables of OpenTelemetry that the servers read, too.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// What only some gateways have.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Takes the spans of Envoy and the servers; without one they record none.
    pub collector: Option<Collector>,
    /// The share of the requests, in percent, that the last greeter gets; without one,
    /// the greeters share them equally.
    pub canary_percent: Option<u32>,
    /// The requests that the gateway allows in flight to the greeters. Without a
    /// limit, it ejects no greeter either.
    pub max_greeter_requests: Option<u32>,
}

/// The address of an OpenTelemetry collector: gRPC without TLS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Collector {
    host: String,
    port: u16,
}

impl Collector {
    /// The collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, if it is set.
    ///
    /// # Errors
    /// If Envoy cannot export to it as it is configured here.
    pub fn from_env() -> anyhow::Result<Option<Self>> {
        let value = |name| env::var(name).ok().filter(|it| !it.is_empty());
        let Some(endpoint) = value(ENDPOINT) else {
            return Ok(None);
        };
        if let Some(protocol) = value(PROTOCOL) {
            ensure!(
                protocol == "grpc",
                "{PROTOCOL} is {protocol:?}, but the gateway exports spans by gRPC; set it to grpc"
            );
        }
        endpoint.parse().map(Some)
    }

    /// The variables that a server needs to export to this collector.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [(ENDPOINT, self.to_string()), (PROTOCOL, "grpc".to_owned())]
    }
}

impl FromStr for Collector {
    type Err = anyhow::Error;

    fn from_str(endpoint: &str) -> anyhow::Result<Self> {
        let usage = || format!("{ENDPOINT} is {endpoint:?}; the gateway needs http://HOST:PORT");
        let authority = endpoint.strip_prefix("http://").with_context(usage)?;
        let (host, port) = authority
            .trim_end_matches('/')
            .rsplit_once(':')
            .with_context(usage)?;
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: port.parse().with_context(usage)?,
        })
    }
}

impl std::fmt::Display for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "http://{}:{}", self.host, self.port)
        }
    }
}

impl Features {
    /// The tracing of a listener. As in Istio, the gateway has a span for a request
    /// and one for each attempt, and a sidecar has one span.
    pub(super) fn tracing(&self, proxy: &str) -> String {
        let (service, attempts) = match proxy {
            "gateway" => ("gateway", "true"),
            _ => ("hello-sidecar", "false"),
        };
        match &self.collector {
            Some(_) => TRACING
                .replace("${SERVICE}", service)
                .replace("${SPAWN_UPSTREAM_SPAN}", attempts),
            None => String::new(),
        }
    }

    /// The weight of a greeter, counted from the last one. The share of the canary is
    /// exact if there is one other greeter.
    pub(super) fn weight(&self, from_last: usize) -> String {
        let weight = self.canary_percent.map(|percent| match from_last {
            0 => percent,
            _ => 100 - percent,
        });
        weight.map_or_else(String::new, |it| format!(", load_balancing_weight: {it}"))
    }

    /// The cluster of the collector.
    pub(super) fn collector(&self) -> String {
        self.collector.as_ref().map_or_else(String::new, |it| {
            COLLECTOR
                .replace("${COLLECTOR_HOST}", &it.host)
                .replace("${COLLECTOR_PORT}", &it.port.to_string())
        })
    }

    /// The circuit breaker and the outlier detection of the greeters.
    pub(super) fn resilience(&self) -> String {
        self.max_greeter_requests.map_or_else(
            || UNLIMITED.to_owned(),
            |limit| RESILIENCE.replace("${MAX_REQUESTS}", &limit.to_string()),
        )
    }
}

/// A YAML text, moved to the right.
pub(super) fn indented(text: &str, columns: usize) -> String {
    let lines = text.lines().map(|line| format!("{:columns$}{line}", ""));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_address_of_a_collector() {
        for endpoint in ["http://localhost:4317", "http://[::1]:4317"] {
            let collector: Collector = endpoint.parse().unwrap();
            assert_eq!(collector.to_string(), endpoint);
        }
        for endpoint in [
            "https://example.org:4317",
            "localhost:4317",
            "http://localhost",
        ] {
            let error = endpoint.parse::<Collector>().unwrap_err().to_string();
            assert!(error.contains("needs http://HOST:PORT"), "{error}");
        }
    }
}

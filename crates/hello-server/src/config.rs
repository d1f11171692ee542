//! The hello server's command line.

use std::{net::SocketAddr, time::Duration};

use clap::Parser;
use cli_kit::duration;
use service_kit::ServiceConfig;
use tonic::transport::Endpoint;

/// Answers every GET with `Hello World! <target>`, and helps to exercise a mesh.
///
/// Paths of their own: /greet/{name} calls the greeter over gRPC; /echo tells
/// how the request arrived; /status/{code}, /delay/{seconds} and /stream/{n}
/// answer as asked.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Config {
    /// Address of the HTTP listener (HTTP/1.1 and HTTP/2)
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,

    /// The greeter that /greet/{name} calls, as http://HOST:PORT or unix:PATH;
    /// in plaintext, since in a mesh the sidecar adds mutual TLS
    #[arg(long, value_name = "URL", default_value = "http://localhost:50051", value_parser = endpoint)]
    pub greeter: Endpoint,

    /// How long /greet/{name} waits for the greeter where the request carries
    /// no deadline of its own
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::positive)]
    pub greeter_timeout: Duration,

    /// The name under which answers say who served them
    #[arg(long, value_name = "NAME", default_value_t = service_kit::machine_hostname())]
    pub hostname: String,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub service: ServiceConfig,
}

fn endpoint(url: &str) -> Result<Endpoint, String> {
    let endpoint =
        Endpoint::from_shared(url.to_owned()).map_err(|_| "not a URL; try http://greeter:80")?;
    if url.starts_with("unix:") {
        return Ok(endpoint);
    }
    match (endpoint.uri().scheme_str(), endpoint.uri().authority()) {
        (Some("http"), Some(_)) => Ok(endpoint),
        _ => Err(
            "give it as http://HOST:PORT or unix:PATH; TLS to the greeter is the mesh's part"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_greeter_only_in_plaintext() {
        let greeter = |url| Config::try_parse_from(["hello-server", "--greeter", url]);
        assert!(greeter("http://greeter:80").is_ok());
        assert!(greeter("unix:greeter.sock").is_ok());
        for url in ["https://greeter:443", "greeter:80", "http://", "not a url"] {
            assert!(greeter(url).is_err(), "{url}");
        }
    }
}

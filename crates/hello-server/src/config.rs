//! The command line of the hello server.

use std::{net::SocketAddr, time::Duration};

use clap::{Parser, value_parser};
use cli_kit::duration;
use service_kit::{Label, ServiceConfig};
use tonic::transport::Endpoint;

use crate::page::PageConfig;

/// The description in `--help`. clap takes `{n}` for a line break; an empty style
/// sequence between the braces, which no terminal shows, keeps it as text.
const ABOUT: &str = "\
Greets every GET request with `Hello World! <target>`.
A browser gets a page on / that shows who answers.

These paths exercise a mesh instead:
  /greet/{name}     calls the greeter over gRPC; ?stream=N sends N greetings
                    as server-sent events, at most 100
  /echo             returns the request as it arrived
  /status/{code}    responds with this status code
  /delay/{seconds}  responds after this time, at most 30 s
  /stream/{\x1b[mn}       streams this number of lines, at most 10,000;
                    ?interval=SECONDS between them, at most 5 min in all";

/// The hello server's command line.
#[derive(Clone, Debug, Parser)]
#[command(version = build_info::VERSION, about = "Greets every GET request, and exercises a mesh", long_about = ABOUT)]
pub struct Config {
    /// Address of the HTTP listener (HTTP/1.1 and HTTP/2)
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,

    /// The greeter for /greet/{name}, as http://HOST:PORT or unix:PATH; in
    /// plaintext, because the mesh's sidecar adds mutual TLS
    #[arg(long, value_name = "URL", default_value = "http://localhost:50051", value_parser = endpoint)]
    pub greeter: Endpoint,

    /// Timeout of calls to the greeter, for requests without a deadline of their
    /// own; theirs is at most 60s
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub greeter_timeout: Duration,

    /// Requests to /delay, and to /stream with an interval, that wait at once;
    /// further ones get 503 with Retry-After
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = value_parser!(u32).range(1..))]
    pub max_waiting: u32,

    /// /echo returns all headers; without this flag it hides credentials
    /// (authorization, cookie) and identities that a mesh adds
    /// (x-forwarded-client-cert), and lists their names
    #[arg(long)]
    pub echo_credentials: bool,

    /// The host name that responses contain
    #[arg(long, value_name = "NAME", default_value_t = service_kit::machine_hostname())]
    pub hostname: String,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub label: Label,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub page: PageConfig,

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
            "write it as http://HOST:PORT or unix:PATH; TLS to the greeter is up to the mesh"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn lists_each_path_on_a_line_of_the_help() {
        for width in [80, 120] {
            let mut command = Config::command().term_width(width);
            let help = command.render_long_help().to_string();
            let lines: Vec<_> = help.lines().take(12).collect();
            let expected = [
                "Greets every GET request with `Hello World! <target>`.",
                "A browser gets a page on / that shows who answers.",
                "",
                "These paths exercise a mesh instead:",
                "  /greet/{name}     calls the greeter over gRPC; ?stream=N sends N greetings",
                "                    as server-sent events, at most 100",
                "  /echo             returns the request as it arrived",
                "  /status/{code}    responds with this status code",
                "  /delay/{seconds}  responds after this time, at most 30 s",
                "  /stream/{n}       streams this number of lines, at most 10,000;",
                "                    ?interval=SECONDS between them, at most 5 min in all",
                "",
            ];
            assert_eq!(lines, expected, "{width} columns");
            assert!(help.lines().all(|line| line.chars().count() <= width));
        }
    }

    #[test]
    fn prints_its_commit_as_version() {
        let version = Config::command().render_version();
        assert!(version.contains(build_info::COMMIT), "{version}");
        assert!(version.contains(build_info::DATE), "{version}");
    }

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

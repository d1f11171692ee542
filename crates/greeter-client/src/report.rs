//! What is printed: replies on standard output; failures, and with `-v` the
//! connection, on standard error.

mod failure;
mod json;
mod verbose;

use std::io::{self, Write};

pub use failure::Failure;
use greeter_proto::helloworld::HelloReply;
use http::HeaderMap;
pub(crate) use json::{ErrorFacts, Metadata, metadata};
use verbose::Ms;

use crate::{
    DialFailure,
    call::Call,
    dial::{Facts, Timings},
    failure::printable,
};

/// How replies are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `<message> from <hostname>`.
    Text,
    /// One JSON object a reply.
    Json,
}

/// Prints what happens.
#[derive(Debug)]
pub struct Reporter {
    format: Format,
    verbose: bool,
    closed: bool,
}

/// The connection that a reply came over.
#[derive(Debug)]
pub struct Link<'a> {
    /// What dialling it showed.
    pub facts: &'a Facts,
    /// Whether it was made for an earlier call.
    pub reused: bool,
}

impl Link<'_> {
    /// The phases that this call needed, and its own time.
    fn timings(&self, rpc: std::time::Duration) -> Timings {
        let dialled = if self.reused {
            Timings::default()
        } else {
            self.facts.timings
        };
        Timings {
            rpc: Some(rpc),
            ..dialled
        }
    }
}

/// A reply, and what came with it.
pub struct Reply {
    message: String,
    from: String,
    headers: HeaderMap,
    rpc: std::time::Duration,
}

impl Reply {
    /// The reply that just came on `call`.
    #[must_use]
    pub fn new(reply: HelloReply, call: &Call) -> Self {
        let hostname = call
            .headers
            .get("hostname")
            .and_then(|value| value.to_str().ok());
        Self {
            message: reply.message,
            from: hostname.unwrap_or("unknown").to_owned(),
            headers: call.headers.clone(),
            rpc: call.elapsed(),
        }
    }
}

impl Reporter {
    /// A reporter on this process's standard streams.
    #[must_use]
    pub fn new(format: Format, verbose: bool) -> Self {
        Self {
            format,
            verbose,
            closed: false,
        }
    }

    /// Whether nobody reads standard output any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// A connection was made.
    pub fn connected(&self, facts: &Facts) {
        if self.verbose {
            verbose::print(facts);
        }
    }

    /// A connection was not made.
    pub fn not_connected(&mut self, failure: &DialFailure) {
        if self.verbose {
            verbose::print(&failure.facts);
        }
        let link = Link {
            facts: &failure.facts,
            reused: false,
        };
        let (error, facts) = (Failure::from(&failure.error), &failure.facts);
        eprintln!("greeter-client: {error}");
        if self.format == Format::Json {
            self.print(&json::failure(&link, &error, facts.timings));
        }
    }

    /// A reply came; `trailers` are those of its call, if it has ended.
    pub fn replied(&mut self, link: &Link<'_>, reply: &Reply, trailers: Option<&HeaderMap>) {
        let timings = link.timings(reply.rpc);
        if self.verbose
            && let Some(rpc) = timings.rpc
        {
            eprintln!("* reply after {}", Ms(rpc));
        }
        match self.format {
            Format::Text => {
                let line = format!("{} from {}", reply.message, reply.from);
                self.print(&printable(&line));
            }
            Format::Json => self.print(&json::reply(link, reply, trailers, timings)),
        }
    }

    /// A streaming call ended well.
    pub fn ended(&mut self, link: &Link<'_>, call: &Call, trailers: &HeaderMap) {
        if self.format == Format::Json {
            let timings = link.timings(call.elapsed());
            self.print(&json::end(link, &call.headers, trailers, timings));
        }
    }

    /// A call failed.
    pub fn failed(&mut self, link: &Link<'_>, failure: &Failure) {
        eprintln!("greeter-client: {failure}");
        if self.format == Format::Json {
            let timings = link.timings(failure.rpc);
            self.print(&json::failure(link, failure, timings));
        }
    }

    fn print(&mut self, line: &str) {
        self.closed |= !print(line);
    }
}

/// Prints a line on standard output; false if nobody reads it any more, which
/// ends the program and is no error.
pub(crate) fn print(line: &str) -> bool {
    match writeln!(io::stdout().lock(), "{line}") {
        Ok(()) => true,
        Err(error) => {
            if error.kind() != io::ErrorKind::BrokenPipe {
                eprintln!("greeter-client: cannot write to standard output: {error}");
            }
            false
        }
    }
}

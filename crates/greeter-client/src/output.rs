//! Prints replies on standard output; failures, and with `-v` the connection, on
//! standard error.

mod json;
pub mod stderr;
mod stdout;
mod verbose;

use clap::ValueEnum;
use cli_kit::{chain, printable};
use greeter_proto::{HOSTNAME, helloworld::HelloReply};
use http::HeaderMap;
pub(crate) use stdout::Stdout;
use telemetry::TraceId;
use transport::{ChannelError, DialFailure, DialReport, Exit, Timings, call::Call};
use verbose::Ms;

use crate::Failure;

/// The output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text.
    Text,
    /// JSON, one object per line.
    Json,
}

/// Prints replies and failures.
#[derive(Debug)]
pub struct Reporter {
    format: Format,
    verbose: bool,
    trace_id: Option<TraceId>,
    stdout: Stdout,
}

/// The connection of a reply.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    /// The report of its dial.
    pub(crate) report: &'a DialReport,
    /// Whether an earlier call made it.
    pub(crate) reused: bool,
    /// The trace of the call.
    pub(crate) trace_id: Option<TraceId>,
}

impl Link<'_> {
    /// The phases that this call needed, and its own time.
    fn timings(&self, rpc: std::time::Duration) -> Timings {
        let dialled = if self.reused {
            Timings::default()
        } else {
            self.report.timings
        };
        Timings {
            rpc: Some(rpc),
            ..dialled
        }
    }
}

/// A reply with its headers.
pub(crate) struct Reply {
    message: String,
    from: String,
    headers: HeaderMap,
    rpc: std::time::Duration,
}

impl Reply {
    /// The reply that `call` just received.
    #[must_use]
    pub(crate) fn new(reply: HelloReply, call: &Call) -> Self {
        let hostname = call
            .headers
            .get(HOSTNAME)
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
            trace_id: None,
            stdout: Stdout::default(),
        }
    }

    /// Whether standard output is closed, or failed.
    #[must_use]
    pub(crate) fn is_closed(&self) -> bool {
        !self.stdout.is_open()
    }

    /// The exit code of greetings that end with `exit`.
    #[must_use]
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        self.stdout.exit(exit)
    }

    /// The calls from now on belong to this trace.
    pub(crate) fn traced(&mut self, trace: TraceId) {
        if self.format == Format::Text {
            stderr::line(format_args!("* trace {trace}"));
        }
        self.trace_id = Some(trace);
    }

    /// A connection was made.
    pub(crate) fn connected(&self, report: &DialReport) {
        if self.verbose {
            verbose::print(report);
        }
    }

    /// A connection was not made.
    pub(crate) fn not_connected(&mut self, failure: &DialFailure) {
        if self.verbose {
            verbose::print(&failure.report);
        }
        let link = Link {
            report: &failure.report,
            reused: false,
            trace_id: self.trace_id,
        };
        let error = Failure::from(&failure.error);
        stderr::error(&error);
        if self.format == Format::Json {
            self.print(&json::failure(&link, &error, failure.report.timings));
        }
    }

    /// A call is sent again on another connection.
    pub(crate) fn resending(&self, error: &ChannelError) {
        if self.verbose {
            stderr::line(format_args!("* sent again: {}", printable(&chain(error))));
        }
    }

    /// A reply was received; `trailers` are those of its call, if that has ended.
    pub(crate) fn replied(&mut self, link: &Link<'_>, reply: &Reply, trailers: Option<&HeaderMap>) {
        let timings = link.timings(reply.rpc);
        if self.verbose
            && let Some(rpc) = timings.rpc
        {
            stderr::line(format_args!("* reply after {}", Ms(rpc)));
        }
        match self.format {
            Format::Text => {
                let line = format!("{} from {}", reply.message, reply.from);
                self.print(&printable(&line));
            }
            Format::Json => self.print(&json::reply(link, reply, trailers, timings)),
        }
    }

    /// A streaming call ended with OK.
    pub(crate) fn ended(&mut self, link: &Link<'_>, call: &Call, trailers: &HeaderMap) {
        if self.format == Format::Json {
            let timings = link.timings(call.elapsed());
            self.print(&json::end(link, &call.headers, trailers, timings));
        }
    }

    /// A call failed.
    pub(crate) fn failed(&mut self, link: &Link<'_>, failure: &Failure) {
        stderr::error(failure);
        if self.format == Format::Json {
            let timings = link.timings(failure.rpc);
            self.print(&json::failure(link, failure, timings));
        }
    }

    fn print(&mut self, line: &str) {
        self.stdout.line(line);
    }
}

//! The log of the process: lines on standard output, as text or JSON.

mod dropped;
mod escaping;
mod filter;
mod json;
mod writer;

use std::{env, io::IsTerminal, sync::OnceLock};

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use tracing_subscriber::{
    Registry, filter::Targets, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

pub use self::{
    dropped::DroppedLines,
    filter::{check as check_filter, current as filter, set as set_filter},
};
pub(crate) use self::{json::Line, writer::LogWriter};

/// The log that [`LogConfig::init`] has installed. A process has one, because it has
/// one standard output.
static LOG: OnceLock<Log> = OnceLock::new();

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object per line.
    Json,
}

/// Filter and format of the log.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// What to log: a level, or targets with levels (`info,hyper=debug`). Release
    /// builds have no level trace. Libraries through which clients could fill the log
    /// are off unless they are named
    #[arg(
        long,
        value_name = "FILTER",
        env = "RUST_LOG",
        hide_env_values = true,
        default_value = "info"
    )]
    pub log: String,

    /// Format of log lines [default: text on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// What writes the lines of an installed log.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) writer: LogWriter,
    pub(crate) format: LogFormat,
    /// The Google Cloud project of the traces.
    pub(crate) project: Option<String>,
    filter: filter::Current,
}

impl LogConfig {
    /// Installs this as the process's log.
    ///
    /// # Errors
    /// If the filter cannot be parsed, or a log is already installed.
    pub fn init(&self) -> anyhow::Result<()> {
        let terminal = std::io::stdout().is_terminal();
        let format = self.log_format.unwrap_or(match terminal {
            true => LogFormat::Text,
            false => LogFormat::Json,
        });
        let filter =
            filter::parse(&self.log).map_err(|error| anyhow!("--log (or RUST_LOG) {error}"))?;
        let (filter, handle) = reload::Layer::<Targets, Registry>::new(filter);
        let writer = LogWriter::start(std::io::stdout())?;
        let lines = tracing_subscriber::fmt::layer()
            // It would report a failed write on standard error, and panic if that
            // is closed too.
            .log_internal_errors(false)
            .with_writer(writer.clone());
        let registry = tracing_subscriber::registry().with(filter);
        match format {
            LogFormat::Text => registry
                .with(lines.with_ansi(terminal).with_target(false))
                .try_init(),
            LogFormat::Json => registry.with(lines.event_format(json::Events)).try_init(),
        }
        .map_err(|cause| anyhow!("cannot start the log: {cause}"))?;
        let log = Log {
            writer,
            format,
            project: env::var("GOOGLE_CLOUD_PROJECT")
                .ok()
                .filter(|it| !it.is_empty()),
            filter: filter::Current::new(&self.log, handle),
        };
        LOG.set(log)
            .map_err(|_| anyhow!("the log is already started"))
    }
}

/// The log of the process, if it has one.
pub(crate) fn installed() -> Option<&'static Log> {
    LOG.get()
}

/// Waits until all lines have been written, at most a second: the reader of standard
/// output may have stopped reading.
pub fn flush() {
    if let Some(log) = installed() {
        log.writer.flush();
    }
}

/// The number of lines that were left out.
#[must_use]
pub fn dropped_lines() -> DroppedLines {
    installed()
        .map(|log| log.writer.dropped())
        .unwrap_or_default()
}

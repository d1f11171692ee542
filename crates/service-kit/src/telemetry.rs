//! Logs on standard output, one line per event, as text or JSON.

use std::io::IsTerminal;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// The format of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object per line.
    Json,
}

/// The default filter. These libraries write lines that a peer can cause at will,
/// for example one for each PING acknowledgement that h2 did not ask for: 48 MB a
/// second.
const DEFAULT_FILTER: &str = "info,axum=off,h2=off,hyper=off,rustls=off,tonic=off";

/// Filter and format of the log.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// What to log: a level, or targets with levels (`info,hyper=debug`); the
    /// default silences libraries through which clients could fill the log
    #[arg(long, value_name = "FILTER", default_value = DEFAULT_FILTER)]
    pub log: String,

    /// Format of log lines
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

impl LogConfig {
    /// Installs this as the process's log.
    ///
    /// # Errors
    /// If the filter cannot be parsed, or a log is already installed.
    pub fn init(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log)
            .with_context(|| format!("--log {:?} is not a filter; try info", self.log))?;
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            // It would report a failed write on standard error, and panic if that
            // is closed too.
            .log_internal_errors(false);
        match self.log_format {
            LogFormat::Text => log
                .with_ansi(std::io::stdout().is_terminal())
                .with_target(false)
                .try_init(),
            LogFormat::Json => log.json().flatten_event(true).try_init(),
        }
        .map_err(|cause| anyhow!("cannot start the log: {cause}"))
    }
}

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

/// Filter and format of the log.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// What to log: a level, or targets with levels (`info,hyper=debug`)
    #[arg(long, value_name = "FILTER", default_value = "info")]
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
        let log = tracing_subscriber::fmt().with_env_filter(filter);
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

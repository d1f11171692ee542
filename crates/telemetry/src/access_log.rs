//! The access log: one line for each request, within a rate.
//!
//! A line has no query string and no header that may hold credentials. It leaves out
//! the probes of load balancers and of the kubelet.

mod clip;
mod fields;
mod json;
mod probe;
mod rate;
mod severity;
mod text;

use std::str::FromStr;

use clap::{Args, value_parser};
use tracing::{Level, enabled};

use self::rate::Rate;
use crate::{
    RequestRecord,
    log::{self, LogFormat},
};

/// Which requests are logged.
#[derive(Args, Clone, Debug)]
pub struct AccessLogConfig {
    /// Ratio of the requests to log, from 0 to 1, or off. Sampled by trace id, so that
    /// all servers log the same requests. Errors of the server are always logged
    #[arg(long, value_name = "RATIO|off", default_value = "1")]
    pub access_log: AccessLogShare,

    /// Lines of the access log in a second at most; those over it are left out, and
    /// counted by log_lines_dropped_total
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
    pub access_log_rate: u32,
}

/// The share of the requests that is logged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AccessLogShare {
    /// No request is logged.
    Off,
    /// This part of the requests, from 0 to 1, and all errors.
    Ratio(f64),
}

impl FromStr for AccessLogShare {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "off" => Ok(Self::Off),
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Self::Ratio(ratio)),
            _ => Err("write it as a number from 0 to 1, for example 0.01, or as off"),
        }
    }
}

/// Writes the lines.
#[derive(Debug)]
pub(crate) struct AccessLog {
    share: AccessLogShare,
    rate: Rate,
}

impl AccessLog {
    pub(crate) fn new(config: &AccessLogConfig) -> Self {
        Self {
            share: config.access_log,
            rate: Rate::new(config.access_log_rate),
        }
    }

    /// Whether a request may be logged.
    pub(crate) fn is_on(&self) -> bool {
        self.share != AccessLogShare::Off && log::installed().is_some()
    }

    /// Logs a request that has ended.
    pub(crate) fn record(&self, request: &RequestRecord<'_>) {
        let (AccessLogShare::Ratio(ratio), Some(log)) = (self.share, log::installed()) else {
            return;
        };
        let level = severity::of(request);
        let is_error = level != Level::INFO;
        // The cheapest check comes first: the filter of the log is the dearest.
        let is_left_out =
            || !is_sampled(ratio, request.context.trace_id.0) || probe::is_probe(request);
        if (!is_error && is_left_out()) || !is_enabled(level) {
            return;
        }
        // A client can cause warnings at will, but not errors.
        let is_kept = level == Level::ERROR;
        if !self
            .rate
            .allows(request.started + request.duration, is_kept)
        {
            return log.writer.count_over_rate();
        }
        match log.format {
            LogFormat::Text => text::write(level, request),
            LogFormat::Json => {
                let line = json::line(level, request, log.project.as_deref());
                log.writer.line(&line);
            }
        }
    }
}

/// Whether the filter of the log lets the lines of this level pass.
fn is_enabled(level: Level) -> bool {
    match level {
        Level::ERROR => enabled!(target: "access", Level::ERROR),
        Level::WARN => enabled!(target: "access", Level::WARN),
        _ => enabled!(target: "access", Level::INFO),
    }
}

/// Decides by the part of the trace id that is random in every format.
fn is_sampled(ratio: f64, trace_id: [u8; 16]) -> bool {
    let [.., a, b, c, d, e, f, g] = trace_id;
    let random = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
    // What a float can hold without rounding.
    ((random >> 3) as f64) < ratio * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_ratio_from_0_to_1() {
        let ratio = str::parse::<AccessLogShare>;
        assert_eq!(ratio("0"), Ok(AccessLogShare::Ratio(0.0)));
        assert_eq!(ratio("0.25"), Ok(AccessLogShare::Ratio(0.25)));
        assert_eq!(ratio("off"), Ok(AccessLogShare::Off));
        for text in ["-0.1", "1.1", "NaN", "inf", "all", "10%"] {
            assert!(ratio(text).unwrap_err().contains("from 0 to 1"), "{text}");
        }
    }

    #[test]
    fn samples_by_the_trace_id() {
        let id = |random: u64| u128::from(random).to_be_bytes();
        assert!(is_sampled(1.0, id(u64::MAX)));
        assert!(!is_sampled(0.0, id(0)));
        assert!(is_sampled(0.5, id((1 << 55) - 1)));
        assert!(!is_sampled(0.5, id(1 << 55)));
    }
}

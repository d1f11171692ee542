//! Thresholds as the user writes them.

use std::str::FromStr;

use super::{Metric, Threshold};

const METRICS: &str = "p50, p75, p90, p95, p99, p999, p9999, mean, max, errors, rate";

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at = text
            .find(['<', '>'])
            .ok_or("> or < is missing; write it as in p99>50ms")?;
        let (name, rest) = (text[..at].trim(), text[at + 1..].trim());
        if rest.starts_with('=') {
            return Err("use > or <, without =".to_owned());
        }
        let (metric, limit) = match name {
            "errors" => errors(rest)?,
            "rate" => (Metric::Rate, number(rest.trim_end_matches("/s"))?),
            name => {
                let metric = latency(name)
                    .ok_or_else(|| format!("{name:?} is not a metric; use one of {METRICS}"))?;
                (metric, milliseconds(rest)?)
            }
        };
        Ok(Self {
            expression: text.to_owned(),
            metric,
            above: text[at..].starts_with('>'),
            limit,
        })
    }
}

fn latency(name: &str) -> Option<Metric> {
    Some(match name {
        "p50" => Metric::Latency(50.0, |it| it.p50_ms),
        "p75" => Metric::Latency(75.0, |it| it.p75_ms),
        "p90" => Metric::Latency(90.0, |it| it.p90_ms),
        "p95" => Metric::Latency(95.0, |it| it.p95_ms),
        "p99" => Metric::Latency(99.0, |it| it.p99_ms),
        "p999" => Metric::Latency(99.9, |it| it.p999_ms),
        "p9999" => Metric::Latency(99.99, |it| it.p9999_ms),
        "mean" => Metric::Latency(100.0, |it| it.mean_ms),
        "max" => Metric::Latency(100.0, |it| it.max_ms),
        _ => return None,
    })
}

fn errors(text: &str) -> Result<(Metric, f64), String> {
    match text.strip_suffix('%') {
        None if text.contains('.') => Err(
            "write errors as a count, as in errors>10, or as a share, as in errors>0.1%".to_owned(),
        ),
        None => Ok((Metric::ErrorCount, number(text)?)),
        Some(percent) => match number(percent)? {
            percent if percent <= 100.0 => Ok((Metric::ErrorShare, percent / 100.0)),
            _ => Err("a percentage cannot exceed 100%".to_owned()),
        },
    }
}

fn milliseconds(text: &str) -> Result<f64, String> {
    let units = [
        ("ns", 1e-6),
        ("us", 1e-3),
        ("µs", 1e-3),
        ("ms", 1.0),
        ("s", 1000.0),
    ];
    let (amount, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
        .ok_or_else(|| {
            format!("{text:?} is not a time; write it with its unit, as in 50ms or 1.5s")
        })?;
    Ok(number(amount)? * unit)
}

/// Digits with at most one point: no sign, exponent or infinity.
fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text.parse() {
        Ok(number) if plain => Ok(number),
        _ => Err(format!("{text:?} is not a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Result<(bool, f64), String> {
        text.parse::<Threshold>()
            .map(|threshold| (threshold.above, threshold.limit))
    }

    #[test]
    fn parses_latencies_shares_counts_and_rates() {
        assert_eq!(limit("p99>50ms"), Ok((true, 50.0)));
        assert_eq!(limit(" p999 > 1.5s "), Ok((true, 1500.0)));
        assert_eq!(limit("mean<200us"), Ok((false, 0.2)));
        assert_eq!(limit("max>200µs"), Ok((true, 0.2)));
        assert_eq!(limit("errors>0.1%"), Ok((true, 0.001)));
        assert_eq!(limit("errors>10"), Ok((true, 10.0)));
        assert_eq!(limit("rate<450"), Ok((false, 450.0)));
        assert_eq!(limit("rate<450.5/s"), Ok((false, 450.5)));
    }

    #[test]
    fn refuses_other_expressions_with_the_reason() {
        for (text, message) in [
            ("p99", "> or < is missing"),
            ("", "> or < is missing"),
            ("p98>1ms", "p999"),
            ("P99>1ms", "is not a metric"),
            ("p99>=1ms", "without ="),
            ("p99>50", "unit"),
            ("p99>ms", "not a number"),
            ("p99>-1ms", "not a number"),
            ("p99>1e3ms", "not a number"),
            ("p99>infs", "not a number"),
            ("p99>1ms>2ms", "not a number"),
            ("errors>0.1", "errors>0.1%"),
            ("errors>101%", "a percentage cannot exceed 100%"),
            ("rate<fast", "not a number"),
        ] {
            let error = limit(text).unwrap_err();
            assert!(error.contains(message), "{text:?}: {error}");
        }
    }
}

//! Whole numbers on the command line, with errors that say what is allowed.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use anyhow::{Context, ensure};

/// A whole number, as large as the system counts.
pub(super) fn whole(text: &str) -> anyhow::Result<u64> {
    text.parse().ok().context("must be a whole number")
}

/// A whole number in this range.
pub(super) fn within<T>(text: &str, range: RangeInclusive<T>) -> anyhow::Result<T>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok().filter(|it| range.contains(it));
    number.with_context(|| {
        let (from, to) = range.into_inner();
        format!("must be a whole number from {from} to {to}")
    })
}

/// A share from 0 to 1.
pub(super) fn ratio(text: &str) -> anyhow::Result<f64> {
    let ratio: f64 = text.parse().context("not a number")?;
    ensure!((0.0..=1.0).contains(&ratio), "must be from 0 to 1");
    Ok(ratio)
}

/// A number per second.
pub(super) fn rate(text: &str) -> anyhow::Result<f64> {
    let rate: f64 = text.parse().context("not a number")?;
    ensure!(
        (0.001..=10_000_000.0).contains(&rate),
        "must be from 0.001 to 10000000 per second"
    );
    Ok(rate)
}

//! Whole numbers on the command line, with errors that say what is allowed.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use anyhow::Context;

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

//! The table of the attacks, and what it must not show.

use std::time::Duration;

use crate::{case::Outcome, victim::LIMIT};

/// The slowest response that the good client may see, as the 99th percentile.
const SLOWEST: Duration = Duration::from_millis(100);

/// The largest log of 10 s, in bytes.
const MOST_LOGGED: f64 = 1e6;

/// The most memory that a server may keep, in bytes: half of the limit.
const MOST_KEPT: u64 = LIMIT / 2;

/// A row: the attack, and the memory a minute later, if the server was not killed.
pub(crate) type Row = (Outcome, Option<u64>);

pub(crate) fn print(rows: &[Row]) {
    let head = [
        "attack",
        "limit",
        "peak",
        "a minute later",
        "errors",
        "p99",
        "log in 10 s",
    ];
    e2e::print_table(head, &rows.iter().map(cells).collect::<Vec<_>>());
}

fn cells((outcome, later): &Row) -> [String; 7] {
    let limit = if outcome.limited { "" } else { ", not set" };
    let milliseconds = |it: Duration| format!("{:.1} ms", it.as_secs_f64() * 1000.0);
    [
        outcome.name.clone(),
        mebibytes(LIMIT) + limit,
        if outcome.killed {
            "killed".to_owned()
        } else {
            mebibytes(outcome.memory.peak)
        },
        later.map_or("-".to_owned(), mebibytes),
        outcome.served.errors.to_string(),
        outcome.served.p99.map_or("-".to_owned(), milliseconds),
        format!("{:.0} kB", outcome.logged / 1000.0),
    ]
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Whether nothing is wrong but the good client's time.
pub(crate) fn is_slow(outcome: &Outcome) -> bool {
    let served = &outcome.served;
    let is_slow = served.p99.is_some_and(|it| it >= SLOWEST);
    is_slow && served.errors == 0 && !outcome.killed
}

/// What is wrong with a row, a line each.
pub(crate) fn failures((outcome, later): &Row) -> Vec<String> {
    let served = &outcome.served;
    let message = served.message.as_deref().unwrap_or("no response");
    let checks = [
        (outcome.killed, "the server was killed".to_owned()),
        (
            outcome.memory.peak > LIMIT,
            "the memory was above the limit".to_owned(),
        ),
        (
            later.is_some_and(|it| it > MOST_KEPT),
            format!("it keeps more than {}", mebibytes(MOST_KEPT)),
        ),
        (
            served.errors > 0,
            format!("{} errors of the good client: {message}", served.errors),
        ),
        (
            served.p99.is_none_or(|it| it >= SLOWEST),
            format!("p99 is not below {SLOWEST:?}"),
        ),
        (
            outcome.logged > MOST_LOGGED,
            "the log is too large".to_owned(),
        ),
    ];
    let failed = checks.into_iter().filter(|(failed, _)| *failed);
    failed
        .map(|(_, what)| format!("{}: {what}", outcome.name))
        .collect()
}

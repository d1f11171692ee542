//! A run's figures as text.

use std::fmt::Write;

use super::{
    histogram::Bar,
    results::Latency,
    summary::{Asked, Summary},
    words::{ms, number, percent, plural},
};

const LONGEST_BAR: f64 = 40.0;

/// The figures, as the end of a run prints them.
#[must_use]
pub fn render(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, summary);
    text
}

/// What was asked for, in one line.
pub(super) fn asked(asked: &Asked) -> String {
    let rate = match asked.rate {
        Some(rate) => format!("open loop, {}/s", number(rate)),
        None => "closed loop".to_owned(),
    };
    let warmup = match asked.warmup_s {
        0.0 => String::new(),
        seconds => format!(" after {} s of warm-up", number(seconds)),
    };
    format!(
        "{rate}, {} for {} s{warmup}, {} over {}",
        asked.call,
        number(asked.duration_s),
        plural(asked.concurrency, "caller"),
        plural(asked.connections, "connection"),
    )
}

fn write(text: &mut String, summary: &Summary) -> std::fmt::Result {
    let Summary { sends, answers, .. } = summary;
    writeln!(text, "{}: {}", summary.target, asked(&summary.asked))?;
    write!(text, "\nrate       {:.1}/s reached", summary.reached_rate)?;
    if let Some(rate) = summary.asked.rate {
        let percent = summary.reached_rate / rate * 100.0;
        write!(text, " of {}/s asked ({percent:.2} %)", number(rate))?;
    }
    write!(
        text,
        "\nsends      {} in {:.1} s",
        sends.sent, summary.elapsed_s
    )?;
    if summary.asked.rate.is_some() {
        write!(
            text,
            "; {} late by over {} ms (worst {} ms), {} skipped",
            sends.late,
            sends.late_after_ms,
            ms(sends.worst_late_ms),
            sends.skipped
        )?;
    }
    if sends.unfinished > 0 {
        write!(text, ", {} given up", sends.unfinished)?;
    }
    writeln!(
        text,
        "\nanswers    {} OK, {} errors ({})",
        answers.ok,
        answers.errors,
        percent(answers.error_share)
    )?;
    if summary.reconnects > 0 {
        writeln!(text, "reconnects {}", summary.reconnects)?;
    }
    if let Some(latency) = &summary.latency {
        table(text, latency)?;
        bars(text, &summary.histogram)?;
    }
    parts(text, summary)
}

fn table(text: &mut String, latency: &Latency) -> std::fmt::Result {
    let from = match latency.counted_from {
        "send" => "the send",
        _ => "the intended start",
    };
    writeln!(text, "\nlatency of successes, counted from {from}, in ms")?;
    let columns = latency.columns();
    for (name, ..) in columns {
        write!(text, "{name:>8}")?;
    }
    writeln!(text)?;
    for (_, percentile, value) in columns {
        write!(text, "{:>8}", latency.words(percentile, value))?;
    }
    writeln!(text)
}

fn bars(text: &mut String, bars: &[Bar]) -> std::fmt::Result {
    let all: u64 = bars.iter().map(|bar| bar.count).sum();
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    writeln!(text)?;
    for bar in bars {
        let length = (bar.count as f64 / most as f64 * LONGEST_BAR).ceil() as usize;
        writeln!(
            text,
            "{:>8} to {:<6} {:<40} {}",
            number(bar.from_ms),
            number(bar.to_ms),
            "█".repeat(length),
            percent(bar.count as f64 / all as f64),
        )?;
    }
    Ok(())
}

fn parts(text: &mut String, summary: &Summary) -> std::fmt::Result {
    if !summary.hosts.is_empty() {
        writeln!(text, "\nanswered by")?;
    }
    for host in &summary.hosts {
        writeln!(
            text,
            "  {:<30} {:>8} {:>9}   p50 {} ms, p99 {} ms",
            host.name,
            percent(host.share),
            host.answers,
            ms(host.p50_ms),
            ms(host.p99_ms)
        )?;
    }
    if !summary.errors.is_empty() {
        writeln!(text, "\nerrors")?;
    }
    for fault in &summary.errors {
        writeln!(
            text,
            "  {:<18} {:>8}   first after {:.1} s, last after {:.1} s: {}",
            fault.kind, fault.count, fault.first_s, fault.last_s, fault.message
        )?;
    }
    if !summary.gates.is_empty() {
        writeln!(text, "\ngates")?;
    }
    for gate in &summary.gates {
        let mark = if gate.passed { "passed" } else { "FAILED" };
        writeln!(
            text,
            "  {mark}  {:<18} it was {}",
            gate.expression, gate.words
        )?;
    }
    for note in &summary.notes {
        write!(text, "\nnote: {note}")?;
    }
    Ok(())
}

//! The summary as text.

use std::fmt::Write;

use crate::{
    ErrorResult, HostResult, ThresholdResult,
    figures::{ms, number, percent, plural},
    histogram::Bar,
    latency::Latency,
    settings::LoadSettings,
    summary::Summary,
};

const MAX_BAR: f64 = 40.0;

/// The summary, as the end of a test prints it.
#[must_use]
pub fn render(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, summary);
    text
}

/// The settings in one line.
pub(crate) fn settings(settings: &LoadSettings) -> String {
    let rate = match settings.rate {
        Some(rate) => format!("open loop, {}/s", number(rate)),
        None => "closed loop".to_owned(),
    };
    let warmup = match settings.warmup_s {
        0.0 => String::new(),
        seconds => format!(" after {} s of warm-up", number(seconds)),
    };
    let threads = match settings.threads {
        1 => String::new(),
        threads => format!(" in {threads} threads"),
    };
    format!(
        "{rate}, {} for {} s{warmup}, {} over {}{threads}",
        settings.call,
        number(settings.duration_s),
        plural(settings.concurrency, "worker"),
        plural(settings.connections, "connection"),
    )
}

fn write(text: &mut String, summary: &Summary) -> std::fmt::Result {
    counts(text, summary)?;
    if let Some(latency) = &summary.latency {
        table(text, latency)?;
        bars(text, &summary.histogram)?;
    }
    hosts(text, &summary.hosts)?;
    errors(text, &summary.errors)?;
    thresholds(text, &summary.thresholds)?;
    for note in &summary.notes {
        write!(text, "\nnote: {note}")?;
    }
    Ok(())
}

fn counts(text: &mut String, summary: &Summary) -> std::fmt::Result {
    let Summary {
        sends, responses, ..
    } = summary;
    writeln!(text, "{}: {}", summary.target, settings(&summary.settings))?;
    write!(text, "\nrate       {:.1}/s reached", summary.reached_rate)?;
    if let Some(rate) = summary.settings.rate {
        let percent = summary.reached_rate / rate * 100.0;
        write!(text, " of {}/s requested ({percent:.2} %)", number(rate))?;
    }
    write!(
        text,
        "\nsends      {} in {:.1} s",
        sends.sent, summary.elapsed_s
    )?;
    if summary.settings.rate.is_some() {
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
        write!(text, ", {} unfinished", sends.unfinished)?;
    }
    writeln!(
        text,
        "\nresponses  {} OK, {} errors ({})",
        responses.ok,
        responses.errors,
        percent(responses.error_share)
    )?;
    if summary.reconnects > 0 {
        writeln!(text, "reconnects {}", summary.reconnects)?;
    }
    if summary.retried > 0 {
        writeln!(
            text,
            "retried    {} (not processed by the server, sent again)",
            summary.retried
        )?;
    }
    if summary.traced > 0 {
        writeln!(text, "traced     {} (sampled, --trace)", summary.traced)?;
    }
    Ok(())
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
        write!(text, "{:>8}", latency.text(percentile, value))?;
    }
    writeln!(text)
}

fn bars(text: &mut String, bars: &[Bar]) -> std::fmt::Result {
    let all: u64 = bars.iter().map(|bar| bar.count).sum();
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    writeln!(text)?;
    for bar in bars {
        let length = (bar.count as f64 / most as f64 * MAX_BAR).ceil() as usize;
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

fn hosts(text: &mut String, hosts: &[HostResult]) -> std::fmt::Result {
    title(text, "hosts", hosts)?;
    for host in hosts {
        writeln!(
            text,
            "  {:<30} {:>8} {:>9}   p50 {} ms, p99 {} ms",
            host.name,
            percent(host.share),
            host.responses,
            ms(host.p50_ms),
            ms(host.p99_ms)
        )?;
    }
    Ok(())
}

fn errors(text: &mut String, errors: &[ErrorResult]) -> std::fmt::Result {
    title(text, "errors", errors)?;
    for error in errors {
        writeln!(
            text,
            "  {:<18} {:>8}   first after {:.1} s, last after {:.1} s: {}",
            error.kind, error.count, error.first_s, error.last_s, error.message
        )?;
    }
    Ok(())
}

fn thresholds(text: &mut String, thresholds: &[ThresholdResult]) -> std::fmt::Result {
    title(text, "thresholds", thresholds)?;
    for threshold in thresholds {
        let result = if threshold.passed { "passed" } else { "FAILED" };
        writeln!(
            text,
            "  {result}  {:<18} measured {}",
            threshold.expression, threshold.message
        )?;
    }
    Ok(())
}

/// The title of a list, unless that is empty.
fn title<T>(text: &mut String, title: &str, list: &[T]) -> std::fmt::Result {
    match list {
        [] => Ok(()),
        _ => writeln!(text, "\n{title}"),
    }
}

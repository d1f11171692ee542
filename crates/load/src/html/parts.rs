//! The tables and lists.

use super::escape;
use crate::{
    ErrorResult, HostResult, ThresholdResult,
    figures::{ms, percent},
    summary::Summary,
};

pub(super) fn thresholds(summary: &Summary) -> String {
    if summary.thresholds.is_empty() {
        return String::new();
    }
    let item = |threshold: &ThresholdResult| {
        let (class, mark) = match threshold.passed {
            true => ("good", "✓ passed"),
            false => ("bad", "✗ failed"),
        };
        format!(
            "<li class=\"{class}\"><b>{mark}</b> <code>{}</code> measured {}</li>",
            escape(&threshold.expression),
            escape(&threshold.message)
        )
    };
    let items: String = summary.thresholds.iter().map(item).collect();
    format!("<ul class=\"thresholds\">{items}</ul>\n")
}

pub(super) fn percentiles(summary: &Summary) -> String {
    let Some(latency) = &summary.latency else {
        return String::new();
    };
    let columns = latency.columns();
    let names: String = columns
        .iter()
        .map(|it| format!("<th>{}</th>", it.0))
        .collect();
    let values: String = columns
        .iter()
        .map(|it| format!("<td>{}</td>", latency.text(it.1, it.2)))
        .collect();
    format!(
        "<div class=\"wide\"><table class=\"figures\"><tr><th>ms</th>{names}</tr>\
         <tr><td></td>{values}</tr></table></div>\n"
    )
}

pub(super) fn hosts(summary: &Summary) -> String {
    let row = |host: &HostResult| {
        format!(
            "<tr><th>{}</th><td class=\"bar\"><i style=\"width:{:.2}%\"></i></td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&host.name),
            host.share * 100.0,
            percent(host.share),
            host.responses,
            ms(host.p50_ms),
            ms(host.p99_ms)
        )
    };
    let rows: String = summary.hosts.iter().map(row).collect();
    match rows.is_empty() {
        true => "<p>No responses.</p>".to_owned(),
        false => format!(
            "<div class=\"wide\"><table class=\"hosts\"><tr><th>host</th><th class=\"bar\"></th><th>share</th>\
             <th>responses</th><th>p50, ms</th><th>p99, ms</th></tr>{rows}</table></div>\n"
        ),
    }
}

pub(super) fn errors(summary: &Summary) -> String {
    if summary.errors.is_empty() {
        return String::new();
    }
    let row = |error: &ErrorResult| {
        format!(
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"message\">{}</td></tr>",
            error.kind,
            error.count,
            format_args!("{:.1}", error.first_s),
            format_args!("{:.1}", error.last_s),
            escape(&error.message)
        )
    };
    let rows: String = summary.errors.iter().map(row).collect();
    super::section(
        "Errors",
        "The latencies above exclude errors. Times are in seconds since the start of the measured time.",
        &format!(
            "<div class=\"wide\"><table><tr><th>status</th><th>calls</th><th>first, s</th><th>last, s</th>\
             <th class=\"message\">last message</th></tr>{rows}</table></div>\n"
        ),
    )
}

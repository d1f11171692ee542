//! The tables, and what is like one.

use super::escape;
use crate::load::{
    summary::Summary,
    words::{ms, percent},
};

pub(super) fn gates(summary: &Summary) -> String {
    if summary.gates.is_empty() {
        return String::new();
    }
    let gate = |gate: &crate::load::gates::Verdict| {
        let (class, mark) = match gate.passed {
            true => ("good", "✓ passed"),
            false => ("bad", "✗ failed"),
        };
        format!(
            "<li class=\"{class}\"><b>{mark}</b> <code>{}</code> it was {}</li>",
            escape(&gate.expression),
            escape(&gate.words)
        )
    };
    let gates: String = summary.gates.iter().map(gate).collect();
    format!("<ul class=\"gates\">{gates}</ul>\n")
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
        .map(|it| format!("<td>{}</td>", latency.words(it.1, it.2)))
        .collect();
    format!(
        "<div class=\"wide\"><table class=\"figures\"><tr><th>ms</th>{names}</tr>\
         <tr><td></td>{values}</tr></table></div>\n"
    )
}

pub(super) fn hosts(summary: &Summary) -> String {
    let row = |host: &crate::load::results::Host| {
        format!(
            "<tr><th>{}</th><td class=\"bar\"><i style=\"width:{:.2}%\"></i></td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&host.name),
            host.share * 100.0,
            percent(host.share),
            host.answers,
            ms(host.p50_ms),
            ms(host.p99_ms)
        )
    };
    let rows: String = summary.hosts.iter().map(row).collect();
    match rows.is_empty() {
        true => "<p>Nobody.</p>".to_owned(),
        false => format!(
            "<div class=\"wide\"><table class=\"hosts\"><tr><th>host</th><th class=\"bar\"></th><th>share</th>\
             <th>answers</th><th>p50, ms</th><th>p99, ms</th></tr>{rows}</table></div>\n"
        ),
    }
}

pub(super) fn errors(summary: &Summary) -> String {
    if summary.errors.is_empty() {
        return String::new();
    }
    let row = |fault: &crate::load::results::Fault| {
        format!(
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"words\">{}</td></tr>",
            fault.kind,
            fault.count,
            format_args!("{:.1}", fault.first_s),
            format_args!("{:.1}", fault.last_s),
            escape(&fault.message)
        )
    };
    let rows: String = summary.errors.iter().map(row).collect();
    super::section(
        "Errors",
        "Not in the latencies above. Times in seconds since the measured part began.",
        &format!(
            "<div class=\"wide\"><table><tr><th>status</th><th>calls</th><th>first, s</th><th>last, s</th>\
             <th class=\"words\">the last one said</th></tr>{rows}</table></div>\n"
        ),
    )
}

//! The summary as a self-contained page: inline style, inline SVG, no script.

mod axis;
mod chart;
mod parts;
mod percentiles;
mod tiles;
mod time_axis;

use crate::{summary::Summary, text::settings};

const STYLE: &str = include_str!("html/style.css");

/// The page.
#[must_use]
pub fn render(summary: &Summary) -> String {
    let target = escape(&summary.target);
    let sections = [
        tiles::tiles(summary),
        parts::thresholds(summary),
        section(
            "Latency over time",
            "Of successes, in ms, on a logarithmic scale; shaded where calls failed.",
            &chart::latency(summary),
        ),
        section(
            "Rate over time",
            "Responses per second; errors in red.",
            &chart::rate(summary),
        ),
        section(
            "Percentiles",
            &format!(
                "The latency that each share of successes did not exceed, in ms, counted from {}.",
                match summary.settings.rate {
                    Some(_) => "the intended start",
                    None => "the send",
                }
            ),
            &[percentiles::curve(summary), parts::percentiles(summary)].concat(),
        ),
        section(
            "Share by host",
            "By the metadata hostname of the responses.",
            &parts::hosts(summary),
        ),
        parts::errors(summary),
    ];
    let notes = summary.notes.iter();
    let notes: String = notes
        .map(|note| format!("<li>{}</li>", escape(note)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Load on {target}</title>\n<style>\n{STYLE}</style></head>\n<body><main>\n\
         <header><h1>Load on {target}</h1>{}</header>\n{}\n<ul class=\"notes\">{notes}</ul>\n\
         <footer>greeter-client {}</footer></main></body></html>\n",
        counts(summary),
        sections.concat(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The settings and the counts, under the title.
fn counts(summary: &Summary) -> String {
    let Summary {
        sends, responses, ..
    } = summary;
    let started_at = escape(&summary.started_at);
    let started_at = started_at.get(..19).unwrap_or_default().replace('T', " ");
    format!(
        "<p>{}</p><p class=\"quiet\">{started_at} UTC; measured for {:.1} s; {} sent, {} late by \
         over {} ms, {} skipped, {} unfinished; {} reconnects, {} retried; {} OK, {} errors</p>",
        escape(&settings(&summary.settings)),
        summary.elapsed_s,
        sends.sent,
        sends.late,
        sends.late_after_ms,
        sends.skipped,
        sends.unfinished,
        summary.reconnects,
        summary.retried,
        responses.ok,
        responses.errors,
    )
}

fn section(title: &str, caption: &str, content: &str) -> String {
    format!("<section><h2>{title}</h2><p class=\"quiet\">{caption}</p>\n{content}</section>\n")
}

/// Text as HTML; hosts and messages come from the server.
fn escape(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            char => char.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_text_from_the_server() {
        assert_eq!(
            super::escape("<b title=\"a\">&"),
            "&lt;b title=&quot;a&quot;&gt;&amp;"
        );
    }
}

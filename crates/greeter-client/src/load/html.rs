//! A run's figures as a page that needs nothing else: inline style, inline SVG,
//! no script.

mod axis;
mod chart;
mod parts;
mod percentiles;
mod window;

use super::{
    summary::Summary,
    text::asked,
    words::{number, percent},
};

const STYLE: &str = include_str!("html/style.css");

/// The page.
#[must_use]
pub fn render(summary: &Summary) -> String {
    let Summary { sends, answers, .. } = summary;
    let target = escape(&summary.target);
    let sections = [
        tiles(summary),
        parts::gates(summary),
        section(
            "Latency over time",
            "Of successes, in ms, on a logarithmic scale; shaded where calls failed.",
            &chart::latency(summary),
        ),
        section(
            "Rate over time",
            "Answers per second, errors among them in red.",
            &chart::rate(summary),
        ),
        section(
            "Percentiles",
            &format!(
                "How long the given share of successes took at most, in ms, counted from {}.",
                match summary.asked.rate {
                    Some(_) => "the intended start",
                    None => "the send",
                }
            ),
            &[percentiles::curve(summary), parts::percentiles(summary)].concat(),
        ),
        section(
            "Share by host",
            "Who answered, as the metadata hostname says.",
            &parts::hosts(summary),
        ),
        parts::errors(summary),
    ];
    let notes: String = summary
        .notes
        .iter()
        .map(|note| format!("<li>{}</li>", escape(note)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Load on {target}</title>\n<style>\n{STYLE}</style></head>\n<body><main>\n\
         <header><h1>Load on {target}</h1><p>{}</p>\
         <p class=\"quiet\">{} UTC; measured for {:.1} s; {} sent, {} late by over {} ms, {} skipped, {} given up; {} reconnects; {} OK, \
         {} errors</p></header>\n{}\n<ul class=\"notes\">{notes}</ul>\n\
         <footer>greeter-client {}</footer></main></body></html>\n",
        escape(&asked(&summary.asked)),
        escape(&summary.started_at)
            .get(..19)
            .unwrap_or_default()
            .replace('T', " "),
        summary.elapsed_s,
        sends.sent,
        sends.late,
        sends.late_after_ms,
        sends.skipped,
        sends.unfinished,
        summary.reconnects,
        answers.ok,
        answers.errors,
        sections.concat(),
        env!("CARGO_PKG_VERSION"),
    )
}

fn section(title: &str, caption: &str, content: &str) -> String {
    format!("<section><h2>{title}</h2><p class=\"quiet\">{caption}</p>\n{content}</section>\n")
}

fn tiles(summary: &Summary) -> String {
    let rate = match summary.asked.rate {
        Some(rate) => format!("of {}/s asked", number(rate)),
        None => "as fast as answers came".to_owned(),
    };
    let latency = |percentile: f64, of: fn(&super::results::Latency) -> f64| {
        summary.latency.as_ref().map_or("–".to_owned(), |latency| {
            format!("{} ms", latency.words(percentile, of(latency)))
        })
    };
    let failed = match summary.answers.errors {
        0 => "",
        _ => "bad",
    };
    let tiles = [
        ("rate", format!("{:.1}/s", summary.reached_rate), rate, ""),
        (
            "p50",
            latency(50.0, |it| it.p50_ms),
            "half were quicker".into(),
            "",
        ),
        (
            "p99",
            latency(99.0, |it| it.p99_ms),
            "1 in 100 was slower".into(),
            "",
        ),
        (
            "max",
            latency(100.0, |it| it.max_ms),
            "the slowest".into(),
            "",
        ),
        (
            "errors",
            percent(summary.answers.error_share),
            format!("{} calls", summary.answers.errors),
            failed,
        ),
    ];
    let tiles = tiles.map(|(name, value, words, class)| {
        format!(
            "<div class=\"tile {class}\"><span>{name}</span><b>{value}</b><small>{words}</small></div>"
        )
    });
    format!("<div class=\"tiles\">{}</div>\n", tiles.concat())
}

/// Text as HTML; hosts and messages are a server's.
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
    fn escapes_what_a_server_says() {
        assert_eq!(
            super::escape("<b title=\"a\">&"),
            "&lt;b title=&quot;a&quot;&gt;&amp;"
        );
    }
}

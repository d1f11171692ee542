//! The tiles with the main figures.

use crate::{
    figures::{number, percent},
    latency::Latency,
    summary::Summary,
};

/// The five figures at the top of the page.
pub(super) fn tiles(summary: &Summary) -> String {
    let rate = match summary.settings.rate {
        Some(rate) => format!("of {}/s requested", number(rate)),
        None => "as fast as responses come".to_owned(),
    };
    let latency = |percentile: f64, of: fn(&Latency) -> f64| {
        summary.latency.as_ref().map_or("–".to_owned(), |latency| {
            format!("{} ms", latency.text(percentile, of(latency)))
        })
    };
    let failed = match summary.responses.errors {
        0 => "",
        _ => "bad",
    };
    let tiles = [
        ("rate", format!("{:.1}/s", summary.reached_rate), rate, ""),
        (
            "p50",
            latency(50.0, |it| it.p50_ms),
            "half were faster".into(),
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
            percent(summary.responses.error_share),
            format!("{} calls", summary.responses.errors),
            failed,
        ),
    ];
    let tiles = tiles.map(|(name, value, detail, class)| {
        format!(
            "<div class=\"tile {class}\"><span>{name}</span><b>{value}</b><small>{detail}</small></div>"
        )
    });
    format!("<div class=\"tiles\">{}</div>\n", tiles.concat())
}

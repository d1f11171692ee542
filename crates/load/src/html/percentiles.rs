//! Latency by percentile.

use super::{
    axis::{self, LEFT, RIGHT, Scale},
    chart::drawing,
};
use crate::{figures::number, latency::Percentile, summary::Summary};

/// The labels of the horizontal axis.
const LABELS: [(f64, &str); 7] = [
    (0.0, "min"),
    (50.0, "p50"),
    (90.0, "p90"),
    (99.0, "p99"),
    (99.9, "p99.9"),
    (99.99, "p99.99"),
    (100.0, "max"),
];

/// A curve on which each nine takes the same width.
pub(super) fn curve(summary: &Summary) -> String {
    let Some(latency) = &summary.latency else {
        return "<p>No call succeeded.</p>".to_owned();
    };
    let points = &latency.percentiles;
    let scale = Scale::log(points.iter().map(|point| point.ms));
    let position = |point: &Percentile| (x(point.percentile), scale.y(point.ms));
    let line: Vec<_> = points
        .iter()
        .map(position)
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let line = format!("<polyline class=\"p50\" points=\"{}\"/>", line.join(" "));
    let dots: String = points
        .iter()
        .map(|point| {
            let (x, y) = position(point);
            format!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>p{}: {} ms</title></circle>",
                number(point.percentile),
                latency.text(point.percentile, point.ms),
            )
        })
        .collect();
    let svg = [scale.grid(), grid(), line, dots].concat();
    drawing("Latency by percentile", &svg)
}

/// The vertical grid lines and their labels.
fn grid() -> String {
    let (top, bottom) = (axis::ceiling(), axis::floor());
    let line = |(percentile, label)| {
        let x = x(percentile);
        format!(
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            bottom + 20.0,
        )
    };
    LABELS.map(line).concat()
}

/// The horizontal position of a percentile. The last nine stands for the maximum.
fn x(percentile: f64) -> f64 {
    let nines = -(1.0 - percentile.min(99.999) / 100.0).log10();
    LEFT + nines / 5.0 * (RIGHT - LEFT)
}

//! Latency by percentile.

use std::fmt::Write;

use super::{
    axis::{self, LEFT, RIGHT, Scale},
    chart::drawing,
};
use crate::{figures::number, summary::Summary};

/// A curve on which each nine takes the same width.
pub(super) fn curve(summary: &Summary) -> String {
    let Some(latency) = &summary.latency else {
        return "<p>No call succeeded.</p>".to_owned();
    };
    // The last nine stands for the maximum.
    let x_at = |percentile: f64| {
        let nines = -(1.0 - percentile.min(99.999) / 100.0).log10();
        LEFT + nines / 5.0 * (RIGHT - LEFT)
    };
    let points = &latency.percentiles;
    let scale = Scale::log(points.iter().map(|point| point.ms));
    let mut svg = scale.grid();
    for (percentile, label) in [
        (0.0, "min"),
        (50.0, "p50"),
        (90.0, "p90"),
        (99.0, "p99"),
        (99.9, "p99.9"),
        (99.99, "p99.99"),
        (100.0, "max"),
    ] {
        let (x, bottom) = (x_at(percentile), axis::floor());
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{bottom}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            axis::ceiling(),
            bottom + 20.0,
        );
    }
    let line: Vec<_> = points
        .iter()
        .map(|point| format!("{:.1},{:.1}", x_at(point.percentile), scale.y(point.ms)))
        .collect();
    let _ = write!(
        svg,
        "<polyline class=\"p50\" points=\"{}\"/>",
        line.join(" ")
    );
    for point in points {
        let _ = write!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"><title>p{}: {} ms</title></circle>",
            x_at(point.percentile),
            scale.y(point.ms),
            number(point.percentile),
            latency.text(point.percentile, point.ms),
        );
    }
    drawing("Latency by percentile", &svg)
}

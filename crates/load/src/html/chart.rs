//! Latency and rate over time.

use std::fmt::Write;

use super::{
    axis::{self, HEIGHT, LEFT, RIGHT, Scale, WIDTH},
    time_axis::TimeAxis,
};
use crate::{figures::ms, summary::Summary, timeline::Point};

/// A curve: its name, its style and its values.
type Curve = (&'static str, &'static str, fn(&Point) -> Option<f64>);

const LATENCIES: [Curve; 4] = [
    ("max", "max", |point| point.max_ms),
    ("p99", "p99", |point| point.p99_ms),
    ("p90", "p90", |point| point.p90_ms),
    ("p50", "p50", |point| point.p50_ms),
];

pub(super) fn latency(summary: &Summary) -> String {
    let points = &summary.timeline;
    let all = LATENCIES
        .iter()
        .flat_map(|(_, _, of)| points.iter().filter_map(of));
    let scale = Scale::log(all);
    let axis_x = TimeAxis::of(summary);
    let mut svg = failures(points, &axis_x) + &scale.grid() + &axis::seconds(axis_x.length);
    let mut labels = Vec::new();
    for (name, class, of) in LATENCIES {
        svg += &curve(points, &axis_x, class, &scale, of);
        if let Some(last) = points.iter().rev().find_map(of) {
            labels.push((scale.y(last), name, class));
        }
    }
    for point in points {
        let values: String = LATENCIES
            .iter()
            .filter_map(|(name, _, of)| Some(format!("{name} {} ms, ", ms(of(point)?))))
            .collect();
        svg += &axis_x.hover(point, &format!("{values}{} errors", point.errors));
    }
    drawing("Latency over time", &(svg + &names(labels)))
}

pub(super) fn rate(summary: &Summary) -> String {
    let points = &summary.timeline;
    let requested = summary.settings.rate;
    let most = points
        .iter()
        .map(|point| point.rate)
        .chain(requested)
        .fold(0.0, f64::max);
    let scale = Scale::linear(most);
    let axis_x = TimeAxis::of(summary);
    let mut svg = scale.grid() + &axis::seconds(axis_x.length);
    for point in points {
        let (from, to) = axis_x.span(point);
        let failed = point.errors as f64 / axis_x.seconds(point);
        let mut bar = |class: &str, low: f64, high: f64| {
            let (bottom, top) = (scale.y(low), scale.y(high));
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                from + 0.75,
                (to - from - 1.5).max(0.5),
                bottom - top,
            );
        };
        bar("ok", failed.min(point.rate), point.rate);
        if point.errors > 0 {
            bar("failed", 0.0, failed.min(point.rate));
        }
        let text = format!("{:.1}/s, {} errors", point.rate, point.errors);
        svg += &axis_x.hover(point, &text);
    }
    if let Some(requested) = requested {
        let y = scale.y(requested);
        let _ = write!(
            svg,
            "<line class=\"requested\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\">requested</text>",
            RIGHT + 8.0,
            y + 4.0,
        );
    }
    drawing("Rate over time", &svg)
}

fn failures(points: &[Point], axis_x: &TimeAxis) -> String {
    let failed = points.iter().filter(|point| point.errors > 0);
    failed
        .map(|point| {
            let (from, to) = axis_x.span(point);
            format!(
                "<rect class=\"shade\" x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                to - from,
                axis::floor() - axis::ceiling(),
                top = axis::ceiling(),
            )
        })
        .collect()
}

/// A curve, broken where nothing was measured.
fn curve(
    points: &[Point],
    axis_x: &TimeAxis,
    class: &str,
    scale: &Scale,
    of: fn(&Point) -> Option<f64>,
) -> String {
    points
        .split(|point| of(point).is_none())
        .filter(|run| !run.is_empty())
        .map(|run| {
            let position = |point: &Point| {
                let (from, to) = axis_x.span(point);
                let y = scale.y(of(point).unwrap_or_default());
                format!("{:.1},{y:.1}", f64::midpoint(from, to))
            };
            let line: Vec<_> = run.iter().map(position).collect();
            match line.as_slice() {
                // A line needs two points: a dot is a line of no length.
                [only] => format!("<polyline class=\"{class}\" points=\"{only} {only}\"/>"),
                line => format!(
                    "<polyline class=\"{class}\" points=\"{}\"/>",
                    line.join(" ")
                ),
            }
        })
        .collect()
}

/// The names of the curves at their right ends, moved apart where they overlap.
fn names(mut labels: Vec<(f64, &str, &str)>) -> String {
    labels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut above = f64::MIN;
    labels
        .into_iter()
        .map(|(y, name, class)| {
            above = y.max(above + 15.0);
            format!(
                "<text class=\"name {class}\" x=\"{}\" y=\"{:.1}\">{name}</text>",
                RIGHT + 8.0,
                above + 4.0
            )
        })
        .collect()
}

pub(super) fn drawing(title: &str, content: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">{content}</svg>\n"
    )
}

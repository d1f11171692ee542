//! Windows of time along the bottom of a drawing.

use super::axis;
use crate::load::{summary::Summary, timeline::Point, words::number};

/// The windows of time along the bottom.
pub(super) struct Window {
    pub(super) length: f64,
    width: f64,
}

impl Window {
    /// Those of a run.
    pub(super) fn of(summary: &Summary) -> Self {
        let points = &summary.timeline;
        let length = summary.elapsed_s.max(0.001);
        Self {
            length,
            width: points.get(1).map_or(length, |second| second.at_s),
        }
    }

    /// How long the window is.
    pub(super) fn seconds(&self, point: &Point) -> f64 {
        self.width.min(self.length - point.at_s).max(0.001)
    }

    /// Where the window begins and ends, from left to right.
    pub(super) fn span(&self, point: &Point) -> (f64, f64) {
        let end = point.at_s + self.seconds(point);
        (
            axis::time(point.at_s, self.length),
            axis::time(end, self.length),
        )
    }

    /// Words that a pointer over the window shows.
    pub(super) fn hover(&self, point: &Point, words: &str) -> String {
        let (from, to) = self.span(point);
        format!(
            "<rect class=\"hover\" x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{}\">\
             <title>{} s: {words}</title></rect>",
            to - from,
            axis::floor(),
            number(point.at_s),
        )
    }
}

//! The horizontal axis of a drawing over time.

use super::axis;
use crate::{figures::number, summary::Summary, timeline::Point};

/// The horizontal axis.
pub(super) struct TimeAxis {
    pub(super) length: f64,
    width: f64,
}

impl TimeAxis {
    /// The axis of a test.
    pub(super) fn of(summary: &Summary) -> Self {
        let points = &summary.timeline;
        let length = summary.elapsed_s.max(0.001);
        Self {
            length,
            width: points.get(1).map_or(length, |second| second.at_s),
        }
    }

    /// The length of a point's window, in seconds.
    pub(super) fn seconds(&self, point: &Point) -> f64 {
        self.width.min(self.length - point.at_s).max(0.001)
    }

    /// The left and the right end of a point's window.
    pub(super) fn span(&self, point: &Point) -> (f64, f64) {
        let end = point.at_s + self.seconds(point);
        (
            axis::time(point.at_s, self.length),
            axis::time(end, self.length),
        )
    }

    /// Text that a pointer over the window shows.
    pub(super) fn hover(&self, point: &Point, text: &str) -> String {
        let (from, to) = self.span(point);
        format!(
            "<rect class=\"hover\" x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{}\">\
             <title>{} s: {text}</title></rect>",
            to - from,
            axis::floor(),
            number(point.at_s),
        )
    }
}

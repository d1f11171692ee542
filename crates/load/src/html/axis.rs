//! Scales and grid lines.

use std::fmt::Write;

use crate::figures::number;

/// The size of the drawing, and the area of the curves.
pub(super) const WIDTH: f64 = 880.0;
pub(super) const HEIGHT: f64 = 250.0;
pub(super) const LEFT: f64 = 52.0;
pub(super) const RIGHT: f64 = 800.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 218.0;

/// A vertical scale.
pub(super) enum Scale {
    /// From 0 to this.
    Linear(f64),
    /// Between these two.
    Log(f64, f64),
}

impl Scale {
    /// A linear scale that has room for `most`.
    pub(super) fn linear(most: f64) -> Self {
        Self::Linear(nice(most.max(1e-9) * 1.05))
    }

    /// A logarithmic scale from a 1, 2 or 5 to another that has room for these.
    pub(super) fn log(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = values
            .filter(|value| *value > 0.0)
            .fold((f64::MAX, 0.001), |(least, most), value| {
                (f64::min(least, value), f64::max(most, value))
            });
        let least = nice_below(least.min(most));
        Self::Log(least, nice(most.max(least * 1.5)))
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        let part = match self {
            Self::Linear(most) => value / most,
            Self::Log(least, most) => (value.max(*least) / least).ln() / (most / least).ln(),
        };
        BOTTOM - part.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    fn ticks(&self) -> Vec<f64> {
        match self {
            Self::Linear(most) => {
                // A 2 has four even parts, a 1 and a 5 have five.
                let digit = most / 10_f64.powf((most * 1.001).log10().floor());
                let parts = if digit.round() == 2.0 { 4 } else { 5 };
                (0..=parts)
                    .map(|n| most * f64::from(n) / f64::from(parts))
                    .collect()
            }
            Self::Log(least, most) => {
                let decades = (most / least).log10();
                let steps: &[f64] = if decades > 3.0 {
                    &[1.0]
                } else {
                    &[1.0, 2.0, 5.0]
                };
                let first = least.log10().floor() as i32;
                (first..first + 12)
                    .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
                    .filter(|tick| (least * 0.999..=most * 1.001).contains(tick))
                    .collect()
            }
        }
    }

    /// The grid lines and their labels.
    pub(super) fn grid(&self) -> String {
        let mut svg = String::new();
        for tick in self.ticks() {
            let (y, label) = (self.y(tick), number(round(tick)));
            // Writing to a string does not fail.
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 8.0,
                y + 4.0,
            );
        }
        svg
    }
}

/// The seconds along the horizontal axis.
pub(super) fn seconds(length: f64) -> String {
    let step = nice(length / 8.0);
    let mut svg = String::new();
    for n in 0..=(length / step + 1e-9) as u32 {
        let at = f64::from(n) * step;
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{} s</text>",
            time(at, length),
            BOTTOM + 20.0,
            number(round(at)),
        );
    }
    svg
}

/// The horizontal position of a time.
pub(super) fn time(at: f64, length: f64) -> f64 {
    LEFT + (at / length).clamp(0.0, 1.0) * (RIGHT - LEFT)
}

/// The lower end of the curves.
pub(super) fn floor() -> f64 {
    BOTTOM
}

/// The upper end of the curves.
pub(super) fn ceiling() -> f64 {
    TOP
}

/// The next 1, 2 or 5 times a power of ten.
fn nice(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|step| step * power >= value * 0.999);
    step.unwrap_or(10.0) * power
}

/// The previous 1, 2 or 5 times a power of ten.
fn nice_below(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let step = [5.0, 2.0]
        .into_iter()
        .find(|step| step * power <= value * 1.001);
    step.unwrap_or(1.0) * power
}

/// A number without rounding errors in its last digits.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

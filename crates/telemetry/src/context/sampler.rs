//! The sampling decision, with the rules of OpenTelemetry's samplers.

use super::{id::TraceId, remote::Remote};

/// Decides which traces are sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// Whether the caller's decision counts before this one.
    pub parent_based: bool,
    /// The share of traces without a decision, from 0 to 1.
    pub ratio: f64,
}

impl Sampler {
    /// Only what the caller samples: for servers that export no spans.
    pub const PARENT_ONLY: Self = Self {
        parent_based: true,
        ratio: 0.0,
    };

    pub(super) fn decide(&self, remote: Option<&Remote>, trace: TraceId) -> bool {
        let of_parent = remote.and_then(|remote| remote.sampled);
        match of_parent {
            Some(sampled) if self.parent_based => sampled,
            _ => self.samples(trace),
        }
    }

    /// Whether the ratio includes this trace. All processes that use OpenTelemetry's
    /// algorithm decide alike.
    #[must_use]
    pub fn samples(&self, trace: TraceId) -> bool {
        const RANGE: f64 = (1_u64 << 63) as f64;
        let [.., a, b, c, d, e, f, g, h] = trace.0;
        let random = u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1;
        self.ratio >= 1.0 || (random as f64) < self.ratio * RANGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: Remote = Remote {
        parent: None,
        sampled: Some(true),
    };

    #[test]
    fn the_parent_decides_if_the_sampler_is_parent_based() {
        let trace = TraceId::random();
        let sampler = |parent_based, ratio| Sampler {
            parent_based,
            ratio,
        };
        let off = Remote {
            sampled: Some(false),
            ..ON
        };
        let open = Remote {
            sampled: None,
            ..ON
        };
        for (sampler, remote, sampled) in [
            (sampler(true, 1.0), None, true),
            (sampler(true, 1.0), Some(&off), false),
            (sampler(true, 1.0), Some(&open), true),
            (sampler(true, 0.0), Some(&ON), true),
            (sampler(false, 0.0), Some(&ON), false),
            (sampler(false, 1.0), Some(&off), true),
            (Sampler::PARENT_ONLY, None, false),
        ] {
            assert_eq!(
                sampler.decide(remote, trace),
                sampled,
                "{sampler:?}, {remote:?}"
            );
        }
    }

    #[test]
    fn samples_the_ratio() {
        let sampler = Sampler {
            parent_based: true,
            ratio: 0.25,
        };
        let sampled = (0..20_000).filter(|_| sampler.samples(TraceId::random()));
        let sampled = sampled.count();
        assert!((4_500..5_500).contains(&sampled), "{sampled}");
    }
}

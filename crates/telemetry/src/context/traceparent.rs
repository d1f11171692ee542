//! `traceparent`, as W3C Trace Context defines it.

use http::HeaderMap;

use super::{
    id::{SpanId, TraceId, decode},
    remote::{Remote, single},
};

pub(super) const TRACEPARENT: &str = "traceparent";
pub(super) const TRACESTATE: &str = "tracestate";

/// The length of version 00, and of the part of later versions that is known.
const LENGTH: usize = 55;

const SAMPLED: u8 = 1;

pub(super) fn of(headers: &HeaderMap) -> Option<Remote> {
    parse(single(headers, TRACEPARENT)?)
}

/// Parses `VERSION-TRACE_ID-SPAN_ID-FLAGS`. A later version may have more fields
/// after a dash.
pub(super) fn parse(value: &[u8]) -> Option<Remote> {
    let (known, rest) = value.split_at_checked(LENGTH)?;
    let mut version = [0];
    decode(&known[..2], &mut version)?;
    match (version[0], rest) {
        (0xff, _) => return None,
        (_, []) => {}
        (0, _) => return None,
        (_, rest) => rest.starts_with(b"-").then_some(())?,
    }
    if (known[2], known[35], known[52]) != (b'-', b'-', b'-') {
        return None;
    }
    let mut flags = [0];
    decode(&known[53..], &mut flags)?;
    Some(Remote {
        parent: Some((
            TraceId::parse(&known[3..35])?,
            SpanId::parse(&known[36..52])?,
        )),
        sampled: Some(flags[0] & SAMPLED != 0),
    })
}

/// The header of a span, in version 00.
pub(super) fn format(trace: TraceId, span: SpanId, sampled: bool) -> String {
    format!("00-{trace}-{span}-{:02x}", u8::from(sampled) * SAMPLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn sampled(value: &str) -> Option<bool> {
        let remote = parse(value.as_bytes())?;
        let (trace, span) = remote.parent.unwrap();
        assert_eq!(
            (trace.to_string(), span.to_string()),
            (TRACE.into(), SPAN.into())
        );
        remote.sampled
    }

    #[test]
    fn accepts_what_the_specification_accepts() {
        for (value, expected) in [
            (format!("00-{TRACE}-{SPAN}-01"), true),
            (format!("00-{TRACE}-{SPAN}-00"), false),
            // Only the lowest flag is known.
            (format!("00-{TRACE}-{SPAN}-ff"), true),
            (format!("00-{TRACE}-{SPAN}-02"), false),
            // Later versions: the known fields, and perhaps more.
            (format!("cc-{TRACE}-{SPAN}-01"), true),
            (
                format!("cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
                true,
            ),
            (format!("01-{TRACE}-{SPAN}-00-"), false),
        ] {
            assert_eq!(sampled(&value), Some(expected), "{value}");
        }
    }

    #[test]
    fn refuses_what_the_specification_refuses() {
        for value in [
            String::new(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("cc-{TRACE}-{SPAN}-01.more"),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-.1"),
            format!("0x-{TRACE}-{SPAN}-01"),
            format!(".0-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
            format!("00-.{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-.{}-01", &SPAN[1..]),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00_{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}_{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}_01"),
            format!("00-{TRACE}-{SPAN}-é1"),
        ] {
            assert_eq!(parse(value.as_bytes()), None, "{value}");
        }
    }
}

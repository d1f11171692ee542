//! B3: the single header `b3`, and the headers `x-b3-*`.

use http::{HeaderMap, HeaderName, HeaderValue, header::Entry};

use super::{
    TraceContext,
    id::{SpanId, TraceId},
    remote::{Remote, single},
};

const B3: HeaderName = HeaderName::from_static("b3");
const TRACE_ID: HeaderName = HeaderName::from_static("x-b3-traceid");
const SPAN_ID: HeaderName = HeaderName::from_static("x-b3-spanid");
const PARENT: HeaderName = HeaderName::from_static("x-b3-parentspanid");
const SAMPLED: HeaderName = HeaderName::from_static("x-b3-sampled");
const FLAGS: HeaderName = HeaderName::from_static("x-b3-flags");

/// Whether a header of this name may be one of B3.
pub(super) fn has(name: &str) -> bool {
    name == B3 || name.starts_with("x-b3-")
}

pub(super) fn of(headers: &HeaderMap) -> Option<Remote> {
    match single(headers, B3.as_str()) {
        Some(value) => parse_single(value),
        None => parse_multi(headers),
    }
}

/// Parses `TRACE_ID-SPAN_ID[-DECISION[-PARENT_ID]]`, or a decision alone.
fn parse_single(value: &[u8]) -> Option<Remote> {
    if let Some(sampled) = decision(value) {
        return Some(Remote {
            parent: None,
            sampled: Some(sampled),
        });
    }
    let mut fields = value.split(|byte| *byte == b'-');
    let parent = parent(fields.next()?, fields.next()?)?;
    let sampled = match fields.next() {
        None => None,
        Some(field) => Some(decision(field)?),
    };
    if let Some(field) = fields.next() {
        SpanId::parse(field)?;
    }
    fields.next().is_none().then_some(Remote {
        parent: Some(parent),
        sampled,
    })
}

fn parse_multi(headers: &HeaderMap) -> Option<Remote> {
    let value = |name: HeaderName| single(headers, name.as_str());
    let sampled = match value(FLAGS) {
        Some(b"1") => Some(true),
        _ => value(SAMPLED).and_then(decision),
    };
    let parent = match (value(TRACE_ID), value(SPAN_ID)) {
        (Some(trace), Some(span)) => Some(parent(trace, span)?),
        _ => None,
    };
    (parent.is_some() || sampled.is_some()).then_some(Remote { parent, sampled })
}

fn parent(trace: &[u8], span: &[u8]) -> Option<(TraceId, SpanId)> {
    matches!(trace.len(), 16 | 32).then_some(())?;
    Some((TraceId::parse(trace)?, SpanId::parse(span)?))
}

/// A sampling decision. Older senders write true and false; `d` is debug, which
/// is sampled.
fn decision(field: &[u8]) -> Option<bool> {
    match field {
        b"1" | b"d" | b"true" => Some(true),
        b"0" | b"false" => Some(false),
        _ => None,
    }
}

/// Replaces the B3 headers that are there by those of this span. Returns whether
/// there were any.
pub(super) fn replace(headers: &mut HeaderMap, context: &TraceContext) -> bool {
    let sampled = if context.sampled { "1" } else { "0" };
    let mut found = false;
    if let Entry::Occupied(mut entry) = headers.entry(B3) {
        let mut value = format!("{}-{}-{sampled}", context.trace_id, context.span_id);
        if let Some(parent) = context.parent_span_id {
            value = format!("{value}-{parent}");
        }
        entry.insert(text(&value));
        found = true;
    }
    let multi = [TRACE_ID, SPAN_ID, PARENT, SAMPLED, FLAGS];
    let removed = multi.map(|name| headers.remove(name).is_some());
    if removed.contains(&true) {
        headers.insert(TRACE_ID, text(&context.trace_id.to_string()));
        headers.insert(SPAN_ID, text(&context.span_id.to_string()));
        if let Some(parent) = context.parent_span_id {
            headers.insert(PARENT, text(&parent.to_string()));
        }
        headers.insert(SAMPLED, HeaderValue::from_static(sampled));
        found = true;
    }
    found
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("digits and dashes are valid in headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "80f198ee56343ba864fe8b2a57d3eff7";
    const SPAN: &str = "e457b5a2e4d86bd1";

    #[test]
    fn parses_the_single_header() {
        let ids = format!("{TRACE}-{SPAN}");
        for (value, sampled) in [
            (ids.clone(), None),
            (format!("{ids}-1"), Some(true)),
            (format!("{ids}-d"), Some(true)),
            (format!("{ids}-0"), Some(false)),
            (format!("{ids}-1-05e3ac9a4f6e3b90"), Some(true)),
        ] {
            let remote = parse_single(value.as_bytes()).unwrap();
            assert_eq!(remote.parent.unwrap().0.to_string(), TRACE);
            assert_eq!(remote.parent.unwrap().1.to_string(), SPAN);
            assert_eq!(remote.sampled, sampled, "{value}");
        }
        let alone = parse_single(b"0").unwrap();
        assert_eq!((alone.parent, alone.sampled), (None, Some(false)));
    }

    #[test]
    fn refuses_an_invalid_single_header() {
        for value in [
            String::new(),
            TRACE.into(),
            format!("{TRACE}-{SPAN}-2"),
            format!("{TRACE}-{SPAN}-1-x"),
            format!("{TRACE}-{SPAN}-1-{SPAN}-1"),
            format!("{}-{SPAN}-1", &TRACE[2..]),
            format!("{}-{SPAN}-1", "0".repeat(32)),
            format!("{TRACE}-{}-1", "0".repeat(16)),
        ] {
            assert_eq!(parse_single(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn parses_several_headers() {
        let headers = |pairs: &[(&HeaderName, &'static str)]| {
            let pair = |(name, value): &(&HeaderName, &'static str)| {
                ((*name).clone(), HeaderValue::from_static(value))
            };
            of(&pairs.iter().map(pair).collect())
        };
        let ids = [(&TRACE_ID, TRACE), (&SPAN_ID, SPAN)];
        assert_eq!(headers(&ids).unwrap().sampled, None);
        for (name, value, sampled) in [
            (&SAMPLED, "1", true),
            (&SAMPLED, "0", false),
            (&FLAGS, "1", true),
        ] {
            let remote = headers(&[ids[0], ids[1], (name, value)]).unwrap();
            assert_eq!(remote.sampled, Some(sampled), "{name}: {value}");
            assert_eq!(remote.parent.unwrap().0.to_string(), TRACE);
        }
        let decision = headers(&[(&SAMPLED, "0")]).unwrap();
        assert_eq!((decision.parent, decision.sampled), (None, Some(false)));
        assert_eq!(headers(&[]), None);
        assert_eq!(headers(&[(&TRACE_ID, TRACE), (&SPAN_ID, "x")]), None);
    }
}

//! Contexts from whole requests, into whole requests.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";
const ALWAYS: Sampler = Sampler {
    parent_based: true,
    ratio: 1.0,
};

fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, String)| {
        (
            HeaderName::from_static(name),
            value.parse::<HeaderValue>().unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

fn traceparent(flags: &str) -> (&'static str, String) {
    ("traceparent", format!("00-{TRACE}-{SPAN}-{flags}"))
}

fn injected(context: &TraceContext, headers: &HeaderMap) -> HeaderMap {
    let mut outgoing = passed_on(headers);
    context.inject(&mut outgoing);
    outgoing
}

#[test]
fn continues_the_callers_trace() {
    let state = ("tracestate", "vendor=1".to_owned());
    let headers = headers(&[traceparent("01"), state]);
    let context = TraceContext::extract(&headers, &Sampler::PARENT_ONLY);
    assert_eq!(context.trace_id.to_string(), TRACE);
    assert_eq!(context.parent_span_id.unwrap().to_string(), SPAN);
    assert_ne!(context.span_id, context.parent_span_id.unwrap());
    assert!(context.sampled);
    assert_eq!(context.tracestate.as_ref().unwrap(), "vendor=1");
    let outgoing = injected(&context, &headers);
    let expected = format!("00-{TRACE}-{}-01", context.span_id);
    assert_eq!(outgoing["traceparent"], expected);
    assert_eq!(outgoing["tracestate"], "vendor=1");
    assert_eq!(outgoing.len(), 2);
}

#[test]
fn an_invalid_context_starts_a_new_trace_without_its_state() {
    let state = ("tracestate", "vendor=1".to_owned());
    for invalid in [
        vec![("traceparent", "00-x".to_owned()), state.clone()],
        vec![traceparent("01"), traceparent("01"), state.clone()],
        vec![state.clone()],
    ] {
        let headers = headers(&invalid);
        let context = TraceContext::extract(&headers, &ALWAYS);
        assert_ne!(context.trace_id.to_string(), TRACE);
        assert_eq!((context.parent_span_id, context.sampled), (None, true));
        assert_eq!(context.tracestate, None);
        let outgoing = injected(&context.child(), &headers);
        assert!(!outgoing.contains_key("tracestate"), "{outgoing:?}");
        assert_eq!(outgoing.get_all("traceparent").iter().count(), 1);
    }
}

#[test]
fn b3_in_gives_b3_out() {
    let single = headers(&[("b3", format!("{TRACE}-{SPAN}-1"))]);
    let context = TraceContext::extract(&single, &Sampler::PARENT_ONLY);
    let outgoing = injected(&context, &single);
    assert_eq!(
        outgoing["b3"],
        format!("{TRACE}-{}-1-{SPAN}", context.span_id)
    );
    assert_eq!(outgoing.len(), 1);

    let several = headers(&[
        ("x-b3-traceid", TRACE.to_owned()),
        ("x-b3-spanid", SPAN.to_owned()),
        ("x-b3-flags", "1".to_owned()),
        ("x-request-id", "r".to_owned()),
    ]);
    let context = TraceContext::extract(&several, &Sampler::PARENT_ONLY);
    assert!(context.sampled);
    let outgoing = injected(&context, &several);
    assert_eq!(outgoing["x-b3-traceid"], TRACE);
    assert_eq!(outgoing["x-b3-spanid"], context.span_id.to_string());
    assert_eq!(outgoing["x-b3-parentspanid"], SPAN);
    assert_eq!(outgoing["x-b3-sampled"], "1");
    assert_eq!(outgoing["x-request-id"], "r");
    assert_eq!(outgoing.len(), 5);
}

#[test]
fn the_w3c_context_comes_before_b3_and_both_are_replaced() {
    let other = "1".repeat(32);
    let headers = headers(&[traceparent("00"), ("b3", format!("{other}-{SPAN}-1"))]);
    let context = TraceContext::extract(&headers, &ALWAYS);
    assert_eq!(
        (context.trace_id.to_string().as_str(), context.sampled),
        (TRACE, false)
    );
    let outgoing = injected(&context, &headers);
    assert!(outgoing["b3"].to_str().unwrap().starts_with(TRACE));
    assert_eq!(
        outgoing["traceparent"],
        format!("00-{TRACE}-{}-00", context.span_id)
    );
}

#[test]
fn a_decision_without_a_trace_holds_for_the_new_one() {
    let headers = headers(&[("b3", "0".to_owned())]);
    let context = TraceContext::extract(&headers, &ALWAYS);
    assert_eq!((context.parent_span_id, context.sampled), (None, false));
}

#[test]
fn continues_the_trace_of_an_environment_variable() {
    let context = TraceContext::continued(&traceparent("01").1).unwrap();
    assert_eq!(context.trace_id.to_string(), TRACE);
    assert_eq!(context.parent_span_id.unwrap().to_string(), SPAN);
    assert!(TraceContext::continued("00-x").is_none());
}

//! Tokens that Envoy's JWT filter does not accept, and policies that refuse a call
//! with or without one.

use crate::{
    gateway::Gateway,
    route::{accepting_tokens, route_forbidden, route_unauthenticated},
    scenario::Scenario,
    servers::greeter,
};

/// Issuer `test`; audience `other`.
const OTHER_AUDIENCE: &str = "eyJpc3MiOiJ0ZXN0IiwiYXVkIjoib3RoZXIifQ";
/// Issuer `test`; audience `greeter`; expired in 1970.
const EXPIRED: &str = "eyJpc3MiOiJ0ZXN0IiwiYXVkIjoiZ3JlZXRlciIsImV4cCI6MX0";
/// Issuer `test`; audience `greeter`.
const FORGED: &str = "eyJpc3MiOiJ0ZXN0IiwiYXVkIjoiZ3JlZXRlciJ9";

/// A call with a token of this payload and an invalid signature: the filter checks
/// the payload first.
fn with_token(mut scenario: Scenario, payload: &str) -> Scenario {
    let header = "eyJhbGciOiJIUzI1NiIsImtpZCI6InRlc3QifQ";
    let token = format!("authorization=Bearer {header}.{payload}.c2lnbmF0dXJl");
    scenario.args.extend(["--header".to_owned(), token]);
    scenario
}

/// A call with a token for another audience.
pub(crate) async fn other_audience() -> Scenario {
    let gateway = Gateway::to(&greeter(&[]).await);
    let gateway = accepting_tokens(gateway, "audiences: [greeter],");
    with_token(gateway.start().await, OTHER_AUDIENCE)
}

#[tokio::test]
async fn the_defect_of_the_token_is_named() {
    let run = route_unauthenticated()
        .await
        .diagnosed_as("route_unauthenticated")
        .await;
    run.shows("the call carries no token");
    run.shows("Send a token");
    let run = other_audience()
        .await
        .diagnosed_as("route_unauthenticated")
        .await;
    run.shows("for another audience");
    run.shows("jwtRules[].audiences");
    for (payload, shown) in [(EXPIRED, "has expired"), (FORGED, "is not accepted")] {
        let scenario = with_token(route_unauthenticated().await, payload);
        scenario
            .diagnosed_as("route_unauthenticated")
            .await
            .shows(shown);
    }
}

#[tokio::test]
async fn a_policy_that_denies_a_call_without_a_token_says_so() {
    let missing = "the call carries no token";
    let run = route_forbidden()
        .await
        .diagnosed_as("route_forbidden")
        .await;
    run.shows("an AuthorizationPolicy denies this call");
    run.shows(missing);
    let scenario = with_token(route_forbidden().await, FORGED);
    let run = scenario.diagnosed_as("route_forbidden").await;
    assert!(!run.json.to_string().contains(missing), "{run:?}");
}

/// A global rate limit with no message.
#[tokio::test]
async fn an_empty_message_is_no_evidence() {
    let config = r#"default_source_code: { inline_string: "function envoy_on_request(h) h:respond({[':status'] = '429', ['x-envoy-ratelimited'] = 'true'}, '') end" }"#;
    let gateway = Gateway::to(&greeter(&[]).await).filter("lua", "Lua", config);
    let run = gateway
        .start()
        .await
        .diagnosed_as("route_rate_limited")
        .await;
    assert!(
        !run.json["verdict"]
            .to_string()
            .contains(r#"message is \"\""#),
        "{run:?}"
    );
}

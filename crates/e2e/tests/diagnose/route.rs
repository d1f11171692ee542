//! Gateways whose filters or routes do not forward the request.

use testkit::servers::saying;
use tonic::Status;

use crate::{
    gateway::{Gateway, HTTP2},
    grpc::refusing_with,
    scenario::Scenario,
    servers::greeter,
};

pub(crate) async fn route_not_found() -> Scenario {
    Gateway::to(&greeter(&[]).await)
        .domain("other.example")
        .start()
        .await
}

/// A web page from the upstream.
pub(crate) async fn route_not_grpc() -> Scenario {
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<h1>Hello World</h1>";
    Gateway::to(&saying(page).await).cluster("").start().await
}

pub(crate) async fn route_misdirected() -> Scenario {
    Gateway::new("direct_response: { status: 421 }")
        .start()
        .await
}

pub(crate) async fn route_redirect() -> Scenario {
    Gateway::new("redirect: { https_redirect: true }")
        .start()
        .await
}

/// The OAuth2 filter redirects to an identity provider.
pub(crate) async fn route_login() -> Scenario {
    let config = r#"config: {
                      token_endpoint: { cluster: upstream, uri: https://login.example/token, timeout: 1s },
                      authorization_endpoint: https://login.example/oauth/authorize,
                      redirect_uri: "https://%REQ(:authority)%/callback",
                      redirect_path_matcher: { path: { exact: /callback } },
                      signout_path: { path: { exact: /signout } },
                      auth_scopes: [openid],
                      credentials: { client_id: greeter, token_secret: { name: token }, hmac_secret: { name: hmac } } }"#;
    let secret = |name| {
        format!(
            "{{ name: {name}, generic_secret: {{ secret: {{ inline_string: not-a-secret }} }} }}"
        )
    };
    Gateway::to(&greeter(&[]).await)
        .filter("oauth2", "OAuth2", config)
        .secrets(&format!("{}, {}", secret("token"), secret("hmac")))
        .start()
        .await
}

/// RBAC without a policy, as Istio renders an `AuthorizationPolicy` without rules.
pub(crate) async fn route_forbidden() -> Scenario {
    Gateway::to(&greeter(&[]).await)
        .filter("rbac", "RBAC", "rules: { action: ALLOW, policies: {} }")
        .start()
        .await
}

pub(crate) async fn route_unauthenticated() -> Scenario {
    let gateway = Gateway::to(&greeter(&[]).await);
    accepting_tokens(gateway, "").start().await
}

/// A gateway that requires a token of the issuer `test`; `fields` are more fields of
/// the issuer.
pub(crate) fn accepting_tokens(gateway: Gateway, fields: &str) -> Gateway {
    let keys = r#"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"test\",\"alg\":\"HS256\",\"k\":\"bm90LWEtc2VjcmV0\"}]}"#;
    let config = format!(
        r#"providers: {{ test: {{ issuer: test, {fields} local_jwks: {{ inline_string: "{keys}" }} }} }},
                      rules: [{{ match: {{ prefix: / }}, requires: {{ provider_name: test }} }}]"#
    );
    gateway.filter("jwt_authn", "JwtAuthentication", &config)
}

/// A bucket of one token, which the first request takes.
pub(crate) async fn route_rate_limited() -> Scenario {
    let all = "default_value: { numerator: 100, denominator: HUNDRED }";
    let config = format!(
        "stat_prefix: limit, token_bucket: {{ max_tokens: 1, tokens_per_fill: 1, fill_interval: 3600s }},
                      filter_enabled: {{ {all} }}, filter_enforced: {{ {all} }}"
    );
    let scenario = Gateway::to(&greeter(&[]).await)
        .filter("local_ratelimit", "LocalRateLimit", &config)
        .start()
        .await;
    let address = scenario.args.last().unwrap();
    reqwest::get(format!("http://{address}/")).await.unwrap();
    scenario
}

#[tokio::test]
async fn a_probe_of_a_second_path_shows_that_the_host_is_unknown() {
    let run = route_not_found()
        .await
        .diagnosed_as("route_not_found")
        .await;
    run.shows(
        "a second path, /grpc.health.v1.Health/Check: the server does not respond here either",
    );
    assert_eq!((run.status("http2"), run.status("route")), ("ok", "failed"));
}

#[tokio::test]
async fn a_plain_get_shows_the_http_status() {
    let run = route_misdirected()
        .await
        .diagnosed_as("route_misdirected")
        .await;
    run.shows("the same path by a plain GET: :status 421");
    let run = route_redirect().await.diagnosed_as("route_redirect").await;
    run.shows("redirects (301) to https://localhost:");
}

#[tokio::test]
async fn a_status_of_the_application_is_not_attributed_to_the_gateway() {
    let refusing = crate::grpc::refusing().await;
    let scenario = Gateway::to(&refusing).cluster(HTTP2).start().await;
    let run = scenario.diagnosed_as("grpc_status").await;
    run.shows("PERMISSION_DENIED: not today");
}

#[tokio::test]
async fn a_status_is_attributed_to_the_application_if_the_gateway_hides_its_headers() {
    let refusing = refusing_with(Status::permission_denied("not today")).await;
    let run = Gateway::to(&refusing).hiding().start().await;
    let run = run.diagnosed_as("grpc_status").await;
    run.shows("PERMISSION_DENIED: not today");
    run.shows("the gateway hides which responses are its own");
    let mut unknown = Gateway::to(&greeter(&[]).await).hiding().start().await;
    let path = ["--path", "/helloworld.Greeter/SayBye"];
    unknown.args.extend(path.map(str::to_owned));
    unknown.diagnosed_as("grpc_unimplemented_method").await;
}

#[tokio::test]
async fn a_page_with_a_link_to_a_login_is_not_a_login_page() {
    for (page, code) in [
        (
            r#"<h1>Shop</h1><a href="/login">Log in</a>"#,
            "route_not_grpc",
        ),
        (r#"<form><input type="password"></form>"#, "route_login"),
        (
            r#"<form action="https://accounts.google.com/o/oauth2/auth">"#,
            "route_login",
        ),
    ] {
        let length = page.len();
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
        );
        let gateway = Gateway::to(&saying(response.leak()).await).cluster("");
        gateway.start().await.diagnosed_as(code).await;
    }
}

/// A fault that the gateway injects into every call.
pub(crate) async fn fault() -> Scenario {
    let abort = "abort: { http_status: 503, percentage: { numerator: 100 } }";
    let gateway = Gateway::to(&greeter(&[]).await).filter("fault", "HTTPFault", abort);
    gateway.start().await
}

#[tokio::test]
async fn fault_injection_is_named() {
    let run = fault().await.diagnosed_as("grpc_status").await;
    run.shows("fault injection");
    run.shows("http[].fault");
}

#[tokio::test]
async fn a_direct_response_of_the_gateway_is_quoted() {
    for status in [500, 503] {
        let response = format!(
            "direct_response: {{ status: {status}, body: {{ inline_string: closed for today }} }}"
        );
        let run = Gateway::new(&response)
            .start()
            .await
            .diagnosed_as("grpc_status")
            .await;
        run.shows(&format!(
            "the gateway itself responds with {status}: \\\"closed for today\\\""
        ));
        run.shows("http[].directResponse");
    }
}

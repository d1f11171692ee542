//! Detects a login in place of the service: a redirect or a page.

use http::StatusCode;

use crate::response::RawResponse;

/// Parts of the locations of redirects to a login.
const LOGIN: &[&str] = &[
    "accounts.google.com",
    "login.microsoftonline.com",
    "oauth2/",
    "oauth/",
    "/authorize",
    "openid-connect",
    "/saml",
    "/login",
    "/signin",
    "/sign_in",
];

/// The targets of the forms in a login page: identity providers and oauth2-proxy.
const PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "login.microsoftonline.com",
    "okta.com/",
    "auth0.com/",
    "openid-connect",
    "/oauth2/start",
];

/// Whether a response is a login instead of the service.
pub(super) fn is_login(response: &RawResponse) -> bool {
    let iap = "x-goog-iap-generated-response";
    let location = response.header("location").unwrap_or_default();
    let location = location.to_lowercase();
    let html = response
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    response.headers.contains_key(iap)
        || LOGIN.iter().any(|part| location.contains(part))
        || html && response.http_status != StatusCode::NOT_FOUND && is_login_page(&response.text())
}

/// Whether a page, in lower case, has a login form. A link to one does not count.
fn is_login_page(page: &str) -> bool {
    let page = page.replace(['"', '\''], "");
    let leads_to_provider = |tag: &str| {
        (tag.starts_with("form") || tag.starts_with("meta"))
            && PROVIDERS.iter().any(|provider| tag.contains(provider))
    };
    let mut tags = page
        .split('<')
        .map(|tag| tag.split('>').next().unwrap_or_default());
    tags.any(|tag| tag.contains("type=password") || leads_to_provider(tag))
}

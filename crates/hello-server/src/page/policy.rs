//! What the browser lets the page do.

use axum::http::HeaderValue;

/// Only the page's own style and script apply, and it calls only its own origin. The
/// browser compares the hashes, so that no text of a request can become script. After
/// a change of either, the test below prints the new hash.
pub(super) const POLICY: HeaderValue = HeaderValue::from_static(concat!(
    "default-src 'none'; ",
    "script-src 'sha256-YmVzoZ9j7SAyoi0MrXyOhA5bn/z1sOc2urC3mYLitKc='; ",
    "style-src 'sha256-UrvMT3nipOk66tBkEWWd/CqKiMFPtEsBKiMktmIJdYo='; ",
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; ",
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
));

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;
    use crate::page::document::{SCRIPT, STYLE};

    #[test]
    fn has_the_hashes_of_the_script_and_the_style() {
        let policy = POLICY;
        let policy = policy.to_str().unwrap();
        let [script, style] = [("script", SCRIPT), ("style", STYLE)].map(|(kind, text)| {
            let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
            format!("{kind}-src 'sha256-{hash}'; ")
        });
        assert!(
            policy.contains(&script) && policy.contains(&style),
            "write these lines in page/policy.rs:\n    {script:?},\n    {style:?},"
        );
    }
}

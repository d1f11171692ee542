//! What the browser lets the page do.

use axum::http::HeaderValue;

/// Only the page's own style and script apply, and it calls only its own origin. The
/// browser compares the hashes, so that no text of a request can become script. After
/// a change of either, tests/page_policy.rs prints the new hash.
pub(super) const POLICY: HeaderValue = HeaderValue::from_static(concat!(
    "default-src 'none'; ",
    "script-src 'sha256-DyuMmlDwu4sB9fNmB1yAU19LWBC+eHBc6BY/2GwPtZA='; ",
    "style-src 'sha256-UrvMT3nipOk66tBkEWWd/CqKiMFPtEsBKiMktmIJdYo='; ",
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; ",
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
));

//! Who called, as the proxy of this server has verified it: `x-forwarded-client-cert`.

use axum::http::HeaderMap;
use serde::Serialize;

use super::shortened::shortened;

const HEADER: &str = "x-forwarded-client-cert";

/// The identities of the last connection of a request.
#[derive(Debug, Default, Eq, PartialEq, Serialize)]
pub(super) struct Peer {
    /// The identity of the caller: the URI of its certificate, or else the subject.
    caller: Option<String>,
    /// The identity of this server.
    own: Option<String>,
}

/// The last element: each proxy appends the certificate of its peer. `None` if there
/// is no header.
pub(super) fn peer(headers: &HeaderMap) -> Option<Peer> {
    let value = headers.get_all(HEADER).iter().next_back()?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let element = split(&text, ',').pop()?;
    let fields = split(element, ';');
    let field = |name: &str| {
        let values = fields.iter().filter_map(|field| field.split_once('='));
        let mut named = values.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| shortened(&unquoted(value)))
    };
    let not_empty = |text: &String| !text.is_empty();
    Some(Peer {
        caller: field("URI")
            .filter(not_empty)
            .or_else(|| field("Subject"))
            .filter(not_empty),
        own: field("By").filter(not_empty),
    })
}

/// The parts between separators that are not within quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|it| {
        let is_quote = it == '"' && !is_escaped;
        is_escaped = it == '\\' && !is_escaped;
        is_quoted ^= is_quote;
        it == separator && !is_quoted
    })
    .collect()
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn parsed(value: &'static str) -> (Option<String>, Option<String>) {
        let value = HeaderValue::from_static(value);
        let headers = [(HEADER.parse().unwrap(), value)].into_iter().collect();
        let Peer { caller, own } = peer(&headers).unwrap();
        (caller, own)
    }

    #[test]
    fn takes_the_last_proxys_peer() {
        let value = "By=spiffe://a/ns/x/sa/gateway;Hash=1;URI=spiffe://a/ns/x/sa/first,\
            By=spiffe://a/ns/y/sa/hello;Hash=2;Subject=\"CN=a,b;URI=z\";URI=spiffe://a/ns/x/sa/gateway";
        let (caller, own) = parsed(value);
        assert_eq!(caller.unwrap(), "spiffe://a/ns/x/sa/gateway");
        assert_eq!(own.unwrap(), "spiffe://a/ns/y/sa/hello");
    }

    #[test]
    fn takes_the_subject_without_a_uri() {
        let (caller, own) = parsed(r#"Hash=2;subject="CN=\"a\",O=b""#);
        assert_eq!(caller.unwrap(), r#"CN="a",O=b"#);
        assert_eq!(own, None);
        assert_eq!(peer(&HeaderMap::new()), None);
        assert_eq!(parsed("nonsense;=;\""), (None, None));
    }
}

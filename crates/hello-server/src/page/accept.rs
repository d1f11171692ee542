//! The representation of `/` that a request prefers (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, HeaderValue, header};

/// What `GET /` can answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Representation {
    /// One line, for curl and every client that has no preference.
    Text,
    /// The page, for browsers.
    Page,
    /// JSON with what the page shows of the servers.
    Detailed,
}

/// The media type of [`Representation::Detailed`]. No client has it by default, so that
/// those that ask for `application/json` get the same as before.
pub(crate) const DETAILED: &str = "application/vnd.hello-server+json";

/// A weight in thousandths, then how specific the range is that gave it: of two types
/// with the same weight, a client prefers the one that it names.
type Quality = (u16, u8);

const NONE: Quality = (0, 0);

/// What these headers prefer. Clients that name neither text nor [`DETAILED`] get the
/// line without a negotiation.
pub(crate) fn preferred(headers: &HeaderMap) -> Representation {
    let values = headers.get_all(header::ACCEPT);
    if values.iter().any(|it| has_preference(it.as_bytes())) {
        return negotiate(values.iter());
    }
    Representation::Text
}

/// Whether a value can prefer one of the representations. Ranges for none of them, and
/// wildcards for all of them, leave no preference.
fn has_preference(value: &[u8]) -> bool {
    let contains = |part: &[u8]| {
        let mut places = value.windows(part.len());
        places.any(|it| it.eq_ignore_ascii_case(part))
    };
    // A parameter can make text/plain less than what a wildcard gives HTML.
    contains(b"html") || contains(DETAILED.as_bytes()) || contains(b"text/") && contains(b";")
}

fn negotiate<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Representation {
    let (mut text, mut page, mut detailed) = (NONE, NONE, NONE);
    let lists = values.filter_map(|it| it.to_str().ok());
    for (range, weight) in lists.flat_map(|it| it.split(',')).filter_map(range) {
        for (media_type, quality) in [
            ("text/plain", &mut text),
            ("text/html", &mut page),
            (DETAILED, &mut detailed),
        ] {
            // The most specific range that matches decides, also if its weight is 0.
            if let Some(specificity) = specificity(range, media_type)
                && quality.1 < specificity
            {
                *quality = (weight, specificity);
            }
        }
    }
    // A range with a wildcard does not ask for it.
    if detailed.1 == EXACT && detailed.0 > 0 && detailed >= page.max(text) {
        return Representation::Detailed;
    }
    if page.0 > 0 && page > text {
        return Representation::Page;
    }
    Representation::Text
}

/// The specificity of a range without a wildcard.
const EXACT: u8 = 3;

/// How specific a range is that matches this type; `None` if it does not match.
fn specificity(range: &str, media_type: &str) -> Option<u8> {
    let (kind, _) = media_type.split_once('/')?;
    match range.split_once('/')? {
        ("*", "*") => Some(1),
        (of, "*") if of.eq_ignore_ascii_case(kind) => Some(2),
        _ if range.eq_ignore_ascii_case(media_type) => Some(EXACT),
        _ => None,
    }
}

/// A media range and its weight; `None` if it has parameters that no representation
/// here has, or if it is not valid.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next()?;
    let mut weight = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.eq_ignore_ascii_case("q") {
            weight = thousandths(value)?;
        } else if !(name.eq_ignore_ascii_case("charset")
            && value.trim_matches('"').eq_ignore_ascii_case("utf-8"))
        {
            return None;
        }
    }
    Some((range, weight))
}

/// A weight, as section 12.4.2 defines it: 0 to 1, with at most three decimals.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_valid = matches!(whole, "0" | "1")
        && decimals.len() <= 3
        && decimals.bytes().all(|it| it.is_ascii_digit());
    if !is_valid {
        return None;
    }
    let digits = whole.bytes().chain(decimals.bytes());
    let weight = digits
        .chain(*b"000")
        .take(4)
        .fold(0, |weight, digit| 10 * weight + u16::from(digit - b'0'));
    (weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::{Representation::*, *};

    /// What a request with these values of `accept` gets.
    fn answer(values: &[&'static str]) -> Representation {
        let values = values.iter().copied().map(HeaderValue::from_static);
        preferred(&values.map(|value| (header::ACCEPT, value)).collect())
    }

    #[test]
    fn browsers_get_the_page() {
        for accept in [
            // Chromium, Firefox and Safari.
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "TEXT/HTML",
            "text/html;charset=UTF-8",
            "text/html;q=0.001",
            "text/html, */*",
            "text/plain;q=0.5, text/html;q=0.6",
            "text/*;q=0.4, text/html;q=0.5",
            "text/*, text/plain;q=0",
            "*/*, TEXT/plain ; q=0.9",
        ] {
            assert_eq!(answer(&[accept]), Page, "{accept}");
        }
        assert_eq!(answer(&["text/plain;q=0.1", "text/html"]), Page);
    }

    #[test]
    fn all_others_get_the_line() {
        assert_eq!(answer(&[]), Text);
        for accept in [
            "*/*",
            "",
            ",",
            "text/*",
            "text/plain",
            "text/html, text/plain",
            "text/html;q=0",
            "text/html;q=0, */*",
            "text/html;q=0.4, */*;q=0.5",
            "text/html;q=0.5, text/plain;q=0.6",
            "text/html;level=1",
            "text/html;q=2",
            "text/html;q=.5",
            "text/html;q=0.1234",
            "text/html;q",
            "application/json, text/plain, */*",
            "application/json, application/*;q=0.5, */*;q=0.1",
            "html",
        ] {
            assert_eq!(answer(&[accept]), Text, "{accept}");
        }
    }

    #[test]
    fn only_who_names_the_detailed_type_gets_it() {
        for accept in [
            DETAILED,
            "application/vnd.hello-server+json, */*;q=0.1",
            "application/vnd.hello-server+json, text/html",
            "Application/VND.hello-server+JSON;q=1.0",
        ] {
            assert_eq!(answer(&[accept]), Detailed, "{accept}");
        }
        for accept in [
            "application/vnd.hello-server+json;q=0",
            "application/vnd.hello-server+json;q=0.5, text/plain",
        ] {
            assert_eq!(answer(&[accept]), Text, "{accept}");
        }
    }
}

//! The date of responses (RFC 9110, 6.6.1).

use std::{
    cell::RefCell,
    time::{SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;

thread_local! {
    /// The date of a second since 1970.
    static FORMATTED: RefCell<(u64, HeaderValue)> = RefCell::new((0, formatted(UNIX_EPOCH)));
}

/// The date of now. It is formatted once a second.
pub(crate) fn now() -> HeaderValue {
    let now = SystemTime::now();
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    FORMATTED.with_borrow_mut(|(of, date)| {
        if *of != second {
            (*of, *date) = (second, formatted(now));
        }
        date.clone()
    })
}

fn formatted(time: SystemTime) -> HeaderValue {
    let date = httpdate::fmt_http_date(time);
    HeaderValue::try_from(date).expect("a date is ASCII")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn has_the_format_of_http() {
        let time = UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(formatted(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        let parsed = httpdate::parse_http_date(now().to_str().unwrap()).unwrap();
        assert!(parsed.elapsed().unwrap() < Duration::from_secs(60));
    }
}

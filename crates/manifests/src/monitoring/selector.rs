//! Finds the selectors of an expression. promtool checks the syntax; the PromQL
//! parsers for Rust bring more than twenty crates.

/// An instant selector, or a range selector without its range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    /// The name of the metric.
    pub metric: String,
    /// The name and the label matchers.
    pub text: String,
}

const GROUPING: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];
const OPERATORS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// The selectors of an expression, in order.
#[must_use]
pub fn selectors(expr: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = expr;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '"' => quoted(rest),
            '[' => until(rest, ']'),
            // A number or a duration.
            '0'..='9' => word(rest),
            'a'..='z' | 'A'..='Z' | '_' | ':' => {
                let name = &rest[..word(rest)];
                let after = &rest[name.len()..];
                let next = after.trim_start();
                if GROUPING.contains(&name) {
                    rest.len() - next.len() + until(next, ')')
                } else if OPERATORS.contains(&name) || is_call(next) {
                    name.len()
                } else {
                    let length = name.len()
                        + if after.starts_with('{') {
                            until(after, '}')
                        } else {
                            0
                        };
                    found.push(Selector {
                        metric: name.to_owned(),
                        text: rest[..length].to_owned(),
                    });
                    length
                }
            }
            other => other.len_utf8(),
        };
        rest = &rest[skipped..];
    }
    found
}

/// Whether the name before this text is a function or an aggregation.
fn is_call(next: &str) -> bool {
    next.starts_with('(') || matches!(&next[..word(next)], "by" | "without")
}

fn word(text: &str) -> usize {
    let end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.'));
    text.find(end).unwrap_or(text.len())
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The length up to and with the end character, which strings can contain.
fn until(text: &str, end: char) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        at += if c == '"' {
            quoted(&text[at..])
        } else {
            c.len_utf8()
        };
        if c == end {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::selectors;

    fn texts(expr: &str) -> Vec<String> {
        selectors(expr).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn finds_selectors_among_functions_groups_and_strings() {
        let expr = r#"sum by (le, app) (rate(a_bucket{x=~"}|\"b\"", y="(c)"}[5m])) / on (sli) group_left () d:e
            or 0 * max without (f) (g) offset 5m > bool 14.4"#;
        assert_eq!(
            texts(expr),
            [r#"a_bucket{x=~"}|\"b\"", y="(c)"}"#, "d:e", "g"]
        );
        assert_eq!(
            texts("absent(up{a=\"b\"}) or time() - h"),
            ["up{a=\"b\"}", "h"]
        );
        assert_eq!(texts("vector(0.999) * 1e3"), [""; 0]);
    }
}

//! Prometheus's classic text format, version 0.0.4, from OpenMetrics.

/// Rewrites OpenMetrics: the family of a counter has its suffix `_total`, and there
/// are no units, no exemplars and no end.
pub(super) fn from_openmetrics(openmetrics: &str) -> String {
    let mut text = String::with_capacity(openmetrics.len());
    let mut add = |parts: &[&str]| {
        parts.iter().for_each(|part| text.push_str(part));
        text.push('\n');
    };
    // The type follows the help, whose name depends on it.
    let mut help = "";
    for line in openmetrics.lines() {
        if let Some(line) = line.strip_prefix("# HELP ") {
            help = line;
        } else if let Some(line) = line.strip_prefix("# TYPE ") {
            let (name, kind) = line.split_once(' ').unwrap_or((line, "untyped"));
            let help = help.strip_prefix(name).unwrap_or_default();
            let suffix = if kind == "counter" { "_total" } else { "" };
            add(&["# HELP ", name, suffix, help]);
            add(&["# TYPE ", name, suffix, " ", kind]);
        } else if !line.starts_with('#') {
            let sample = line.split_once(" # {").map_or(line, |(sample, _)| sample);
            add(&[sample]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrites_counters_and_histograms() {
        let openmetrics = "\
# HELP requests Requests.
# TYPE requests counter
requests_total{a=\"b\"} 1
# HELP time_seconds Time.
# TYPE time_seconds histogram
# UNIT time_seconds seconds
time_seconds_sum 0.5
time_seconds_bucket{le=\"1.0\"} 1 # {trace_id=\"0af7\"} 0.5 1700000000.0
# EOF
";
        let classic = "\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{a=\"b\"} 1
# HELP time_seconds Time.
# TYPE time_seconds histogram
time_seconds_sum 0.5
time_seconds_bucket{le=\"1.0\"} 1
";
        assert_eq!(from_openmetrics(openmetrics), classic);
    }
}

//! Dashboards, rules and alerts as data, and every query in them.

mod dashboard;
mod google;
mod metrics;
mod rules;
mod selector;

pub use dashboard::{DASHBOARDS, Dashboard, Grid, Panel, Target, Variable, dashboard};
pub use google::GoogleDashboard;
pub use metrics::METRICS;
pub use rules::{Alert, Group, Rule, rules};
pub use selector::{Selector, selectors};

/// A query that returns data while the services have traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The file and the panel, record or alert, for example
    /// `dashboards/services.json: Requests by route`.
    pub source: String,
    /// The PromQL expression, without variables.
    pub expr: String,
}

/// Every query of every dashboard and rule. `$app` and `$version` select
/// everything, and the rate interval is a minute.
///
/// An alert of a healthy system returns nothing. So for an alert, the queries are
/// the selectors of its expression: these are recorded series, which exist while
/// the alert is silent. A template variable is the query whose label it lists.
///
/// # Panics
/// If a file does not parse.
#[must_use]
pub fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    let mut add = |source: String, expr: &str| {
        let expr = substitute(expr);
        queries.push(Query { source, expr });
    };
    for name in DASHBOARDS {
        let dashboard = dashboard(name);
        for variable in &dashboard.templating.list {
            if let Some(series) = variable.series() {
                add(
                    format!("dashboards/{name}.json: ${}", variable.name),
                    series,
                );
            }
        }
        for panel in &dashboard.panels {
            for target in &panel.targets {
                add(
                    format!("dashboards/{name}.json: {}", panel.title),
                    &target.expr,
                );
            }
        }
    }
    for (title, expr) in GoogleDashboard::read().queries() {
        add(format!("monitoring-google/dashboard.json: {title}"), &expr);
    }
    for rule in rules().iter().flat_map(|group| &group.rules) {
        let source = format!("prometheusrule.yaml: {}", rule.name());
        match rule {
            Rule::Record(record) => add(source, &record.expr),
            Rule::Alert(alert) => {
                for selector in selectors(&alert.expr) {
                    add(source.clone(), &selector.text);
                }
            }
        }
    }
    queries
}

/// The expression with values for the variables of Grafana and Cloud Monitoring.
///
/// # Panics
/// If a variable is unknown.
#[must_use]
pub fn substitute(expr: &str) -> String {
    let mut expr = expr.trim().to_owned();
    for (variable, value) in [
        ("$__rate_interval", "1m"),
        ("${__interval}", "1m"),
        ("$app", ".*"),
        ("$version", ".*"),
    ] {
        expr = expr.replace(variable, value);
    }
    assert!(!expr.contains('$'), "unknown variable in {expr}");
    expr
}

//! The dashboard of Cloud Monitoring.

use std::collections::BTreeSet;

use manifests::monitoring::{DASHBOARDS, GoogleDashboard, dashboard};

/// Cloud Monitoring has another form of variables, so its queries have none.
fn without_variables(expr: &str) -> String {
    let mut expr = expr.to_owned();
    for matchers in [
        r#"destination_app=~"$app", destination_version=~"$version""#,
        r#"app=~"$app", version=~"$version""#,
    ] {
        expr = expr.replace(&format!("{{{matchers}}}"), "");
        expr = expr.replace(&format!("{{{matchers}, "), "{");
    }
    expr.replace("$__rate_interval", "${__interval}")
}

#[test]
fn its_queries_are_those_of_grafana() {
    let mut known = BTreeSet::new();
    for panel in DASHBOARDS.iter().flat_map(|name| dashboard(name).panels) {
        for target in panel.targets {
            known.insert((panel.title.clone(), without_variables(&target.expr)));
        }
    }
    let queries = GoogleDashboard::read().queries();
    assert!(queries.len() > 20, "{queries:?}");
    for query in queries {
        assert!(known.contains(&query), "no panel of Grafana has {query:?}");
    }
}

#[test]
fn its_tiles_do_not_overlap() {
    let dashboard = GoogleDashboard::read();
    let columns = dashboard.mosaic_layout.columns;
    let mut cells = BTreeSet::new();
    for tile in &dashboard.mosaic_layout.tiles {
        assert!(tile.x_pos + tile.width <= columns && tile.width * 3 >= columns);
        for x in tile.x_pos..tile.x_pos + tile.width {
            for y in tile.y_pos..tile.y_pos + tile.height {
                assert!(cells.insert((x, y)), "{} overlaps", tile.widget.title);
            }
        }
    }
}

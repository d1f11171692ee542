//! Grafana's dashboards.

use std::collections::BTreeSet;

use manifests::monitoring::{DASHBOARDS, Dashboard, Panel, dashboard};

fn shown(dashboard: &Dashboard) -> impl Iterator<Item = &Panel> {
    dashboard.panels.iter().filter(|panel| panel.kind != "row")
}

#[test]
fn every_panel_is_complete() {
    for name in DASHBOARDS {
        let dashboard = dashboard(name);
        assert_eq!(dashboard.uid, format!("greeter-{name}"));
        assert!(!dashboard.title.is_empty() && dashboard.description.ends_with('.'));
        assert!(dashboard.schema_version >= 41, "{name}");
        let ids: BTreeSet<_> = dashboard.panels.iter().map(|panel| panel.id).collect();
        assert_eq!(
            ids.len(),
            dashboard.panels.len(),
            "{name}: an id is used twice"
        );
        let titles: BTreeSet<_> = dashboard.panels.iter().map(|it| &it.title).collect();
        assert_eq!(
            titles.len(),
            dashboard.panels.len(),
            "{name}: a title is used twice"
        );
        for panel in shown(&dashboard) {
            let panel_name = format!("{name}: {}", panel.title);
            assert!(!panel.title.is_empty(), "{panel_name}");
            assert!(
                panel.description.ends_with('.'),
                "{panel_name}: description"
            );
            let unit = panel.field_config["defaults"]["unit"].as_str();
            assert!(
                unit.is_some_and(|unit| !unit.is_empty()),
                "{panel_name}: unit"
            );
            assert_eq!(panel.datasource["uid"], "${datasource}", "{panel_name}");
            assert!(!panel.targets.is_empty(), "{panel_name}: no query");
            let refs: BTreeSet<_> = panel.targets.iter().map(|it| &it.ref_id).collect();
            assert_eq!(refs.len(), panel.targets.len(), "{panel_name}: refId");
            for target in &panel.targets {
                assert!(!target.legend_format.is_empty(), "{panel_name}: legend");
            }
        }
    }
}

/// A label in a legend that the query aggregates away is empty.
#[test]
fn every_legend_has_labels_of_its_query() {
    for name in DASHBOARDS {
        for panel in shown(&dashboard(name)) {
            for target in &panel.targets {
                for part in target.legend_format.split("{{").skip(1) {
                    let label = part.split("}}").next().unwrap();
                    let listed = |(at, _): (usize, &str)| {
                        target.expr[at..].split(')').next().unwrap().contains(label)
                    };
                    let grouped = target.expr.match_indices(" by (").any(listed);
                    let recorded = target.expr.contains(':') && !target.expr.contains(" by (");
                    assert!(
                        grouped || recorded,
                        "{name}: {}: no label {label}",
                        panel.title
                    );
                }
            }
        }
    }
}

#[test]
fn panels_do_not_overlap_and_fit_a_laptop() {
    for name in DASHBOARDS {
        let dashboard = dashboard(name);
        let mut cells = BTreeSet::new();
        for panel in &dashboard.panels {
            let grid = panel.grid_pos;
            assert!(grid.x + grid.w <= 24, "{name}: {}", panel.title);
            // At most three panels in a row of 24 columns.
            assert!(grid.w >= 8, "{name}: {}: too narrow", panel.title);
            for x in grid.x..grid.x + grid.w {
                for y in grid.y..grid.y + grid.h {
                    assert!(cells.insert((x, y)), "{name}: {} overlaps", panel.title);
                }
            }
        }
    }
}

#[test]
fn every_dashboard_selects_datasource_application_and_version() {
    for name in DASHBOARDS {
        let dashboard = dashboard(name);
        let variables = dashboard.templating.list.iter();
        let variables: Vec<_> = variables.map(|it| (&*it.name, &*it.kind)).collect();
        let expected = [
            ("datasource", "datasource"),
            ("app", "query"),
            ("version", "query"),
        ];
        assert_eq!(variables, expected, "{name}");
        let queries = dashboard.templating.list.iter();
        assert_eq!(queries.filter_map(|it| it.series()).count(), 2, "{name}");
    }
    let uids: BTreeSet<_> = DASHBOARDS.map(|name| dashboard(name).uid).into();
    assert_eq!(uids.len(), DASHBOARDS.len());
}

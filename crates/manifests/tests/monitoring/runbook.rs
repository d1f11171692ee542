//! The runbook has a section for each alert, and its commands parse.

use std::collections::BTreeSet;

use clap::Parser;
use greeter_client::cli::{Cli, Command};
use manifests::monitoring::{DASHBOARDS, dashboard};

use crate::alerts::alerts;

const RUNBOOK: &str = include_str!("../../../../docs/runbook.md");

/// Where runbook links point to. The repository has no public address.
const BASE: &str = "docs/runbook.md#";

/// The sections of the alerts: the heading, and the text below it.
fn sections() -> Vec<(&'static str, &'static str)> {
    let sections = RUNBOOK.split("\n## ").skip(1);
    let sections = sections.filter_map(|section| section.split_once('\n'));
    // Names of alerts have no spaces.
    sections.filter(|(title, _)| !title.contains(' ')).collect()
}

fn commands(section: &str) -> impl Iterator<Item = &str> {
    let lines = section.lines().map(str::trim_start);
    lines.filter(|line| line.starts_with("greeter-client "))
}

#[test]
fn every_alert_links_to_its_section() {
    let titles: BTreeSet<_> = sections().iter().map(|(title, _)| *title).collect();
    let alerts = alerts();
    let names: BTreeSet<_> = alerts.iter().map(|it| it.alert.as_str()).collect();
    assert_eq!(titles, names);
    for alert in &alerts {
        let link = format!("{BASE}{}", alert.alert.to_lowercase());
        assert_eq!(alert.annotations["runbook_url"], link, "{}", alert.alert);
    }
}

#[test]
fn the_first_step_of_every_section_is_diagnose() {
    for (title, section) in sections() {
        let first = section.split("\n1. ").nth(1).expect(title);
        let first = first.split("\n2. ").next().unwrap();
        assert!(commands(first).count() == 1, "{title}: {first}");
        for line in commands(first) {
            let cli = Cli::try_parse_from(line.split_whitespace());
            let cli = cli.unwrap_or_else(|error| panic!("{title}: {error}"));
            assert!(
                matches!(cli.command, Some(Command::Diagnose(_))),
                "{title}: {line}"
            );
        }
        for part in ["\n2. Look at ", "\n3. ", "\n| cause | fix |\n", "ilence it"] {
            assert!(section.contains(part), "{title}: no {part:?}");
        }
    }
}

#[test]
fn every_panel_that_the_runbook_names_exists() {
    let mut titles = BTreeSet::new();
    for dashboard in DASHBOARDS.map(dashboard) {
        titles.insert(dashboard.title);
        titles.extend(dashboard.panels.into_iter().map(|panel| panel.title));
    }
    // Text in quotation marks, outside of commands.
    let prose = RUNBOOK.split("```").step_by(2);
    let quoted: Vec<_> = prose
        .flat_map(|it| it.split('"').skip(1).step_by(2))
        .collect();
    assert!(quoted.len() > 20, "{quoted:?}");
    for title in quoted {
        assert!(titles.contains(title), "no panel {title:?}");
    }
}

#[test]
fn every_link_within_the_runbook_leads_somewhere() {
    let anchors: BTreeSet<_> = RUNBOOK
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|title| title.to_lowercase().replace(' ', "-"))
        .collect();
    for link in RUNBOOK.split("](#").skip(1) {
        let anchor = link.split(')').next().unwrap();
        assert!(anchors.contains(anchor), "no section #{anchor}");
    }
}

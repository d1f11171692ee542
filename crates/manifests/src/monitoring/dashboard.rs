//! Grafana's dashboards: the fields that the tests check.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::rendering::K8S;

/// The names of the files in `k8s/dashboards`.
pub const DASHBOARDS: [&str; 3] = ["services", "mesh", "canary"];

/// A dashboard.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    /// Identifies it in Grafana, and in links.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// What it shows.
    pub description: String,
    /// The version of Grafana's format.
    pub schema_version: u32,
    /// Its template variables.
    pub templating: Templating,
    /// Its panels and rows.
    pub panels: Vec<Panel>,
}

/// The template variables of a dashboard.
#[derive(Debug, Deserialize)]
pub struct Templating {
    /// The variables.
    pub list: Vec<Variable>,
}

/// A template variable.
#[derive(Debug, Deserialize)]
pub struct Variable {
    /// Its name, without the dollar sign.
    pub name: String,
    /// For example `datasource` or `query`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The definition of a query variable, for example `label_values(up, app)`.
    #[serde(default)]
    pub definition: String,
}

impl Variable {
    /// The series whose label a query variable lists.
    #[must_use]
    pub fn series(&self) -> Option<&str> {
        let arguments = self.definition.strip_prefix("label_values(")?;
        Some(arguments.rsplit_once(',')?.0)
    }
}

/// A panel, or a row, which is a heading.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// Unique in its dashboard.
    pub id: u32,
    /// For example `timeseries` or `row`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// What it shows, and what to do about it.
    #[serde(default)]
    pub description: String,
    /// Its place.
    pub grid_pos: Grid,
    /// The data source.
    #[serde(default)]
    pub datasource: Value,
    /// Its queries.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Units and colours.
    #[serde(default)]
    pub field_config: Value,
}

/// The place of a panel in a grid of 24 columns.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Grid {
    /// The first column.
    pub x: u32,
    /// The first line.
    pub y: u32,
    /// Columns.
    pub w: u32,
    /// Lines.
    pub h: u32,
}

/// A query of a panel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Unique in its panel.
    pub ref_id: String,
    /// The PromQL expression.
    pub expr: String,
    /// The name of each series.
    #[serde(default)]
    pub legend_format: String,
}

/// The dashboard of this name.
///
/// # Panics
/// If its file does not parse.
#[must_use]
pub fn dashboard(name: &str) -> Dashboard {
    let path = format!("{K8S}/dashboards/{name}.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
